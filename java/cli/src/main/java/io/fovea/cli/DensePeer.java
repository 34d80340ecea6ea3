package io.fovea.cli;

import io.fovea.graph.Shape;
import java.nio.file.Path;

/** Another engine that can run a model densely, to be timed beside ours; found by {@link java.util.ServiceLoader}. */
public interface DensePeer {

    /** One opened model. */
    interface Run extends AutoCloseable {
        /** Runs the net once on the input that it was opened with. */
        void run();

        @Override
        void close();
    }

    /** Returns the name that {@code --peer} knows. */
    String name();

    /**
     * Opens a model.
     *
     * @param model the ONNX file
     * @param threads threads of a run
     * @param nhwc the input, {@code [height][width][channels]}
     * @param shape its shape
     * @throws IllegalStateException if the engine cannot run it
     */
    Run open(Path model, int threads, float[] nhwc, Shape shape);
}
