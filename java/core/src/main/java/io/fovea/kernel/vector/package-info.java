/**
 * Kernels on the Vector API: there on every HotSpot JVM that was started with the incubator module. A register tile of 6 rows x 2
 * vectors leaves no accumulator spilled with 16 registers (AVX2) and runs near peak with 32.
 */
package io.fovea.kernel.vector;
