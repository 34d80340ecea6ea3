package io.fovea.format;

/**
 * A model file or detector spec that cannot be used; the message is one line that names the place. Names that come out of the
 * file are shown without control characters, and a very long message is cut.
 */
public class ModelFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_LENGTH = 1000;

    /** Creates the exception. */
    public ModelFormatException(String message) {
        super(oneLine(message));
    }

    /** Creates the exception with its cause. */
    public ModelFormatException(String message, Throwable cause) {
        super(oneLine(message), cause);
    }

    private static String oneLine(String message) {
        String plain = String.valueOf(message).replaceAll("[\\p{Cntrl}\\u2028\\u2029\\u0085]+", " ");
        return plain.length() <= MAX_LENGTH ? plain : plain.substring(0, MAX_LENGTH) + "...";
    }
}
