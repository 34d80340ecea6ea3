/** {@code fovea verify}: whether a model gives the same outputs in every kernel tier, in ONNX Runtime and in its golden files. */
package io.fovea.bench.verify;
