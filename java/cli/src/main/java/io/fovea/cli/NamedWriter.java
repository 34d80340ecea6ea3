package io.fovea.cli;

import java.io.BufferedWriter;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A buffered text file whose errors name it, as those of a full disk do not by themselves. */
public final class NamedWriter extends BufferedWriter {

    private NamedWriter(Writer named) {
        super(named);
    }

    /**
     * Opens a file for writing, UTF-8; what it held is gone.
     *
     * @throws IOException naming the file; so does every later call
     */
    public static NamedWriter open(Path file) throws IOException {
        return new NamedWriter(new Named(Files.newBufferedWriter(file), file));
    }

    private static final class Named extends FilterWriter {
        private final Path file;

        private Named(Writer to, Path file) {
            super(to);
            this.file = file;
        }

        private IOException named(IOException e) {
            return e instanceof FileSystemException ? e : new IOException(file + ": " + e.getMessage(), e);
        }

        @Override
        public void write(char[] text, int from, int length) throws IOException {
            try {
                out.write(text, from, length);
            } catch (IOException e) {
                throw named(e);
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                out.flush();
            } catch (IOException e) {
                throw named(e);
            }
        }

        @Override
        public void close() throws IOException {
            try {
                out.close();
            } catch (IOException e) {
                throw named(e);
            }
        }
    }
}
