package io.fovea.cli;

/** Whoever read standard output has stopped reading (as {@code | head} does); the program ends without a word. */
final class PipeClosed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PipeClosed() {
        super("standard output was closed", null, false, false);
    }
}
