package io.fovea.frame;

import io.fovea.image.ImageException;
import io.fovea.image.PictureWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes numbered JPEG pictures into a folder. */
final class FolderSink implements FrameSink {
    private final Path folder;

    FolderSink(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new FrameException(folder.toString(), "cannot be made (" + e.getMessage() + ")", e);
        }
    }

    @Override
    public void write(BufferedImage picture, long index, double seconds) {
        try {
            PictureWriter.write(picture, folder.resolve(String.format("%06d.jpg", index)));
        } catch (ImageException e) {
            throw new FrameException(folder.toString(), e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        // Every picture is complete when it is written.
    }
}
