package io.fovea.image;

import com.drew.imaging.ImageMetadataReader;
import com.drew.imaging.ImageProcessingException;
import com.drew.imaging.jpeg.JpegMetadataReader;
import com.drew.metadata.Metadata;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;

/**
 * EXIF orientation (tag 0x0112, values 1..8): which edges of the scene the stored row 0 and column 0 are.
 * <pre>
 *   value     1     2     3      4      5     6     7      8
 *   row 0     top   top   bottom bottom left  right right  left
 *   column 0  left  right right  left   top   top   bottom bottom
 * </pre>
 */
final class Orientation {
    private Orientation() {
    }

    /** Returns the orientation of a picture file; 1 when it says none, or something unreadable. */
    static int of(byte[] file) {
        try {
            var in = new ByteArrayInputStream(file);
            Metadata metadata = JpegBytes.isJpeg(file)
                    ? JpegMetadataReader.readMetadata(in, List.of(new ExifReader()))
                    : ImageMetadataReader.readMetadata(in, file.length);
            for (var directory : metadata.getDirectoriesOfType(ExifIFD0Directory.class)) {
                Integer value = directory.getInteger(ExifIFD0Directory.TAG_ORIENTATION);
                if (value != null && value >= 1 && value <= 8) {
                    return value;
                }
            }
        } catch (ImageProcessingException | IOException | RuntimeException e) {
            return 1; // broken metadata never spoils a good picture
        }
        return 1;
    }

    /** Returns stored pixels turned upright; the same image when nothing is to do. */
    static Image upright(Image stored, int orientation) {
        int w = stored.width();
        int h = stored.height();
        // Stored index of the upright pixel (x, y) = first + x * right + y * down.
        int first;
        int right;
        int down;
        switch (orientation) {
            case 2 -> {
                first = w - 1;
                right = -1;
                down = w;
            }
            case 3 -> {
                first = w * h - 1;
                right = -1;
                down = -w;
            }
            case 4 -> {
                first = w * (h - 1);
                right = 1;
                down = -w;
            }
            case 5 -> {
                first = 0;
                right = w;
                down = 1;
            }
            case 6 -> {
                first = w * (h - 1);
                right = -w;
                down = 1;
            }
            case 7 -> {
                first = w * h - 1;
                right = -w;
                down = -1;
            }
            case 8 -> {
                first = w - 1;
                right = w;
                down = -1;
            }
            default -> {
                return stored;
            }
        }
        boolean turned = orientation >= 5;
        int width = turned ? h : w;
        int height = turned ? w : h;
        byte[] source = stored.packed();
        byte[] target = new byte[source.length];
        for (int y = 0, t = 0; y < height; y++) {
            int s = 3 * (first + y * down);
            for (int x = 0; x < width; x++, t += 3, s += 3 * right) {
                target[t] = source[s];
                target[t + 1] = source[s + 1];
                target[t + 2] = source[s + 2];
            }
        }
        return new Image(target, width, height);
    }
}
