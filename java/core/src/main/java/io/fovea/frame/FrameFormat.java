package io.fovea.frame;

import java.nio.file.Path;

/** Reads and writes a kind of video file. Found as a service; stateless and thread-safe. */
public interface FrameFormat {

    /** Returns the name shown to people. */
    String name();

    /**
     * Opens a file.
     *
     * @throws FrameException if it is missing, no video, or cannot be decoded here
     */
    FrameSource open(Path file);

    /**
     * Creates a file, over what may be there.
     *
     * @param width pixels
     * @param height pixels
     * @param framesPerSecond usual rate, above 0
     * @throws FrameException if it cannot be written, or its ending names no format that can
     */
    FrameSink create(Path file, int width, int height, double framesPerSecond);
}
