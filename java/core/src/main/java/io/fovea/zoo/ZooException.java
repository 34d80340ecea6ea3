package io.fovea.zoo;

/** A model or photo that cannot be fetched; the message is one line that says why. */
public class ZooException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
    public ZooException(String message) {
        super(message);
    }

    /** Creates the exception with its cause. */
    public ZooException(String message, Throwable cause) {
        super(message, cause);
    }
}
