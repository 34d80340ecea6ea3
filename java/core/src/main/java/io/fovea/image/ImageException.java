package io.fovea.image;

/** A picture cannot be read or written. The message is one line that names the picture and says why. */
public final class ImageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception; {@code name} is the picture's path or name. */
    public ImageException(String name, String why, Throwable cause) {
        super(name + ": " + why.strip().replaceAll("\\s*\\R\\s*", " "), cause);
    }
}
