package io.fovea.frame;

/** A stream of pictures cannot be read or written; the message names the place. */
public final class FrameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Makes an exception. */
    public FrameException(String name, String message, Throwable cause) {
        super(name + ": " + message, cause);
    }
}
