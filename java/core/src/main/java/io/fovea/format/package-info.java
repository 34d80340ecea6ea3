/**
 * Model files: ONNX reading and writing, TensorFlow.js graph models, and the {@link io.fovea.format.DetectorSpec} that says how
 * a detector's input is made and its outputs are read.
 */
package io.fovea.format;
