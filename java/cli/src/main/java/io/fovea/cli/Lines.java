package io.fovea.cli;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/** Text for people: one line per error, durations and counts. */
public final class Lines {
    private Lines() {
    }

    /** Returns the text on one line. */
    static String one(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }

    /** Returns what went wrong as one line. */
    public static String message(Throwable e) {
        String text = switch (e) {
            case NoSuchFileException x -> "no such file: " + x.getFile();
            case AccessDeniedException x -> "no permission: " + x.getFile();
            case FileAlreadyExistsException x -> "is in the way: " + x.getFile();
            case NotDirectoryException x -> "no such folder: " + x.getFile();
            case FileSystemException x ->
                x.getFile() + ": " + (x.getReason() == null ? "cannot be used" : x.getReason());
            case OutOfMemoryError x ->
                "not enough memory (" + x.getMessage() + "); give the JVM more with FOVEA_JAVA_OPTS=-Xmx...";
            default ->
                e.getMessage() == null || e.getMessage().isBlank() ? e.getClass().getSimpleName() : e.getMessage();
        };
        return one(text);
    }

    /** Returns milliseconds with one decimal, or two below ten. */
    public static String millis(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
    }

    /** Returns a count with its unit in thousands: {@code 749.5 M}. */
    public static String count(long value) {
        if (value < 10_000) {
            return Long.toString(value);
        }
        if (value < 1_000_000) {
            return String.format(Locale.ROOT, "%.1f k", value / 1e3);
        }
        return value < 1_000_000_000
                ? String.format(Locale.ROOT, "%.2f M", value / 1e6)
                : String.format(Locale.ROOT, "%.3f G", value / 1e9);
    }

    /** Returns {@code 1 photo}, {@code 2 photos}. */
    static String plural(int n, String word) {
        return n + " " + word + (n == 1 ? "" : "s");
    }
}
