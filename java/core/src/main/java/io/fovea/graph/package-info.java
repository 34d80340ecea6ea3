/**
 * The net as data: {@link io.fovea.graph.Graph}, its {@link io.fovea.graph.Node}s and {@link io.fovea.graph.Op}s, the shape
 * rule, and the passes that fold and fuse. Nothing here computes a net; weights are plain arrays in ONNX order.
 */
package io.fovea.graph;
