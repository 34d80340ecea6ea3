package io.fovea.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.UUID;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes pictures as JPEG or PNG. A file appears whole or not at all. Safe for threads. */
public final class PictureWriter {
    private static final float JPEG_QUALITY = 0.92f;

    private PictureWriter() {
    }

    /**
     * Writes a picture; an existing file is replaced.
     *
     * @param file its ending says the format: {@code .jpg}, {@code .jpeg} (quality 0.92, alpha over white) or {@code .png}
     * @throws ImageException when the ending is another or the file cannot be written
     */
    public static void write(BufferedImage picture, Path file) {
        String ending = file.toString().toLowerCase(Locale.ROOT);
        byte[] bytes;
        if (ending.endsWith(".png")) {
            bytes = encode(picture, "png", file);
        } else if (ending.endsWith(".jpg") || ending.endsWith(".jpeg")) {
            boolean alpha = picture.getColorModel().hasAlpha();
            bytes = encode(alpha ? Image.of(picture).toBufferedImage() : picture, "jpeg", file);
        } else {
            throw new ImageException(file.toString(), "pictures are written as .jpg, .jpeg or .png", null);
        }
        if (Files.isDirectory(file)) {
            throw new ImageException(file.toString(), "is a folder", null);
        }
        replace(file, bytes);
    }

    private static byte[] encode(BufferedImage picture, String format, Path file) {
        var writers = ImageIO.getImageWriters(ImageTypeSpecifier.createFromRenderedImage(picture), format);
        if (!writers.hasNext()) {
            throw new ImageException(file.toString(), "no writer for such a picture as " + format, null);
        }
        ImageWriter writer = writers.next();
        var out = new ByteArrayOutputStream();
        try (var stream = new MemoryCacheImageOutputStream(out)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            if ("jpeg".equals(format)) {
                param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                param.setCompressionQuality(JPEG_QUALITY);
            }
            writer.setOutput(stream);
            writer.write(null, new IIOImage(picture, null, null), param);
        } catch (IOException e) {
            throw new ImageException(file.toString(), "cannot be encoded (" + e.getMessage() + ")", e);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    private static void replace(Path file, byte[] bytes) {
        Path whole = file.toAbsolutePath();
        Path part = whole.resolveSibling("." + whole.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            try {
                Files.write(part, bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                move(part, whole);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (NoSuchFileException e) {
            throw new ImageException(file.toString(), "cannot be written, there is no such folder", e);
        } catch (AccessDeniedException e) {
            throw new ImageException(file.toString(), "cannot be written, no permission", e);
        } catch (IOException e) {
            throw new ImageException(file.toString(), "cannot be written (" + e.getMessage() + ")", e);
        }
    }

    private static void move(Path part, Path whole) throws IOException {
        try {
            Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(part, whole, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
