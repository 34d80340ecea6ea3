package io.fovea.format;

/** A model file or detector spec that cannot be used; the message is one line that names the place. */
public class ModelFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
    public ModelFormatException(String message) {
        super(message);
    }

    /** Creates the exception with its cause. */
    public ModelFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
