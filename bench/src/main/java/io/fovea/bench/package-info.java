/** Measurements: side-by-side runs against other engines, and JMH micro-benchmarks. */
package io.fovea.bench;
