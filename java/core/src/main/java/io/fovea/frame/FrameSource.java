package io.fovea.frame;

/** Gives the pictures of a stream one after another. For one thread at a time; {@link #close} may come from another. */
public interface FrameSource extends AutoCloseable {

    /** Returns the name shown to people. */
    String name();

    /**
     * Returns the next picture, waiting for it if need be.
     *
     * @return the picture, or null at the end
     * @throws FrameException if it cannot be read; the source cannot be used any further
     */
    Frame next();

    /** Returns the usual number of frames per second, 0 if it is not known. */
    double framesPerSecond();

    /** Returns how many frames the source says it has, -1 if it does not say. */
    long count();

    @Override
    void close();
}
