package io.fovea.format;

import io.fovea.graph.Graph;

/**
 * A detector as it comes from a file: the net and what its weights do not say.
 *
 * @param graph the net; its outputs are the spec's boxes and scores
 * @param spec how its input is made and its outputs are read
 */
public record Model(Graph graph, DetectorSpec spec) {}
