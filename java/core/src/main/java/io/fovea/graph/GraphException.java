package io.fovea.graph;

/** A graph that cannot be built: a wrong shape, a missing input, an operator used against its rules. */
public class GraphException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception with one line that names the place. */
    public GraphException(String message) {
        super(message);
    }
}
