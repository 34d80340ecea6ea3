package io.fovea.lab.data;

/** A data set or results file that cannot be used; the message is one line that names the place. */
public class DataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
    public DataException(String message) {
        super(message);
    }

    /** Creates the exception with its cause. */
    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
