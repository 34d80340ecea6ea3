package io.fovea.frame;

import java.awt.image.BufferedImage;

/** Takes the pictures of a stream one after another. Not thread-safe. */
public interface FrameSink extends AutoCloseable {

    /**
     * Writes a picture.
     *
     * @param picture of the size that the sink was made for
     * @param index its number
     * @param seconds when it is shown; rises from picture to picture
     * @throws FrameException if it cannot be written
     */
    void write(BufferedImage picture, long index, double seconds);

    /**
     * Completes what was written.
     *
     * @throws FrameException if that fails
     */
    @Override
    void close();
}
