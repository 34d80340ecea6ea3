package io.fovea.graph;

import java.util.List;

/**
 * One operator at its place.
 *
 * @param name unique name for people and error messages
 * @param op the operator
 * @param inputs names of the values read, in the operator's order
 * @param output name of the value written; every value has one writer
 */
public record Node(String name, Op op, List<String> inputs, String output) {
    public Node {
        inputs = List.copyOf(inputs);
    }
}
