package io.fovea.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * An immutable photo as a person sees it: EXIF orientation applied, packed 8-bit RGB, row 0 at the top. Where a picture has
 * alpha, it is blended over white. Safe to share between threads.
 *
 * <p>
 * Files are decoded by ImageIO (JPEG in RGB, grey, CMYK and YCCK, PNG, GIF, BMP, TIFF; of several frames the first).
 * Colour profiles of RGB pictures are not applied: detectors learn from pictures that were read without them, and so the pixels
 * equal Pillow's. Nothing is written to disk.
 */
public final class Image {
    /** System property with the largest number of pixels that is decoded; default {@value #DEFAULT_MAX_PIXELS}. */
    public static final String MAX_PIXELS_PROPERTY = "fovea.image.maxPixels";

    /** Largest number of pixels that is decoded when {@value #MAX_PIXELS_PROPERTY} is not set. */
    public static final long DEFAULT_MAX_PIXELS = 100_000_000;

    private final byte[] rgb;
    private final int width;
    private final int height;

    /** Takes the array without a copy. */
    Image(byte[] rgb, int width, int height) {
        if (rgb.length != Math.multiplyExact(Math.multiplyExact(width, height), 3)) {
            throw new IllegalArgumentException(rgb.length + " bytes for " + width + "x" + height + " pixels");
        }
        this.rgb = rgb;
        this.width = width;
        this.height = height;
    }

    /**
     * Reads a picture file of at most {@link #maxPixels()} pixels.
     *
     * @throws ImageException when the file is missing, empty, no picture, truncated, corrupt or too large
     */
    public static Image read(Path file) {
        return read(file, maxPixels());
    }

    /**
     * Reads a picture file.
     *
     * @param maxPixels the header is read first, and a picture of more pixels is refused before it is decoded
     * @throws ImageException when the file is missing, empty, no picture, truncated, corrupt or too large
     */
    public static Image read(Path file, long maxPixels) {
        String name = file.toString();
        if (Files.isDirectory(file)) {
            throw new ImageException(name, "is a folder, not a picture", null);
        }
        if (!Files.exists(file)) {
            throw new ImageException(name, "no such file", null);
        }
        try {
            return ImageDecoder.decode(Files.readAllBytes(file), name, maxPixels);
        } catch (IOException e) {
            throw new ImageException(name, "cannot be read (" + e.getClass().getSimpleName() + ")", e);
        } catch (OutOfMemoryError e) {
            throw new ImageException(name, "not enough memory to read it", e);
        }
    }

    /**
     * Reads the bytes of a picture file of at most {@link #maxPixels()} pixels.
     *
     * @param name what to call the picture in an error
     * @throws ImageException when it is empty, no picture, truncated, corrupt or too large
     */
    public static Image read(byte[] file, String name) {
        return read(file, name, maxPixels());
    }

    /**
     * Reads the bytes of a picture file.
     *
     * @param name what to call the picture in an error
     * @param maxPixels a picture of more pixels is refused before it is decoded
     * @throws ImageException when it is empty, no picture, truncated, corrupt or too large
     */
    public static Image read(byte[] file, String name, long maxPixels) {
        return ImageDecoder.decode(file, Objects.requireNonNull(name, "name"), maxPixels);
    }

    /**
     * Reads a stream to its end as a picture file of at most {@link #maxPixels()} pixels; does not close it.
     *
     * @param name what to call the picture in an error
     * @throws ImageException when it cannot be read, is empty, no picture, truncated, corrupt or too large
     */
    public static Image read(InputStream stream, String name) {
        byte[] file;
        try {
            file = stream.readAllBytes();
        } catch (IOException e) {
            throw new ImageException(name, "cannot be read (" + e.getMessage() + ")", e);
        }
        return read(file, name, maxPixels());
    }

    /** Returns the largest number of pixels that is decoded, from {@value #MAX_PIXELS_PROPERTY} or the default. */
    public static long maxPixels() {
        return Long.getLong(MAX_PIXELS_PROPERTY, DEFAULT_MAX_PIXELS);
    }

    /**
     * Copies an AWT picture. Samples of RGB and grey pictures are taken as they stand (16 bits are scaled to 8); other colour
     * spaces are converted to sRGB; alpha is blended over white.
     */
    public static Image of(BufferedImage image) {
        return new Image(PixelReader.packedRgb(image), image.getWidth(), image.getHeight());
    }

    /**
     * Copies raw pixels, 3 bytes each: red, green, blue.
     *
     * @param data rows from the top
     * @param stride bytes from one row to the next, at least {@code 3 * width}
     * @throws IllegalArgumentException when the array is too short or a size is not positive
     */
    public static Image ofRgb(byte[] data, int width, int height, int stride) {
        return ofRaw(data, width, height, stride, 0);
    }

    /**
     * Copies raw pixels, 3 bytes each: blue, green, red (the order of OpenCV).
     *
     * @param data rows from the top
     * @param stride bytes from one row to the next, at least {@code 3 * width}
     * @throws IllegalArgumentException when the array is too short or a size is not positive
     */
    public static Image ofBgr(byte[] data, int width, int height, int stride) {
        return ofRaw(data, width, height, stride, 2);
    }

    private static Image ofRaw(byte[] data, int width, int height, int stride, int red) {
        if (width < 1 || height < 1 || 3L * width * height > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("picture size " + width + "x" + height);
        }
        if (stride < 3L * width || (height - 1L) * stride + 3L * width > data.length) {
            throw new IllegalArgumentException(data.length + " bytes with stride " + stride
                    + " do not hold a picture of " + width + "x" + height + " pixels of 3 bytes");
        }
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            System.arraycopy(data, y * stride, rgb, y * 3 * width, 3 * width);
        }
        if (red == 2) {
            for (int i = 0; i < rgb.length; i += 3) {
                byte b = rgb[i];
                rgb[i] = rgb[i + 2];
                rgb[i + 2] = b;
            }
        }
        return new Image(rgb, width, height);
    }

    /** Returns the width in pixels, at least 1. */
    public int width() {
        return width;
    }

    /** Returns the height in pixels, at least 1. */
    public int height() {
        return height;
    }

    /**
     * Returns one pixel as {@code 0xRRGGBB}.
     *
     * @throws IndexOutOfBoundsException when it is outside the picture
     */
    public int rgb(int x, int y) {
        int i = 3 * (Objects.checkIndex(y, height) * width + Objects.checkIndex(x, width));
        return (rgb[i] & 0xFF) << 16 | (rgb[i + 1] & 0xFF) << 8 | rgb[i + 2] & 0xFF;
    }

    /** Returns a read-only view of all pixels: {@code height} rows of {@code width} times red, green, blue, without gaps. */
    public MemorySegment pixels() {
        return MemorySegment.ofArray(rgb).asReadOnly();
    }

    /** Returns a copy as a {@link BufferedImage#TYPE_INT_RGB} picture. */
    public BufferedImage toBufferedImage() {
        BufferedImage copy = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] target = ((DataBufferInt) copy.getRaster().getDataBuffer()).getData();
        for (int i = 0, p = 0; i < target.length; i++, p += 3) {
            target[i] = (rgb[p] & 0xFF) << 16 | (rgb[p + 1] & 0xFF) << 8 | rgb[p + 2] & 0xFF;
        }
        return copy;
    }

    /** The pixels themselves, for this package only: never written, never handed out. */
    byte[] packed() {
        return rgb;
    }

    @Override
    public String toString() {
        return "Image[" + width + "x" + height + "]";
    }
}
