package io.fovea.image;

import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/** Bytes of a picture file to an upright {@link Image}; each failure becomes one {@link ImageException}. */
final class ImageDecoder {
    private static final String JPEG_PLUGIN = "com.twelvemonkeys.imageio.plugins.jpeg";

    private ImageDecoder() {
    }

    static Image decode(byte[] file, String name, long maxPixels) {
        if (file.length == 0) {
            throw new ImageException(name, "the file is empty", null);
        }
        ImageReader reader = reader(file);
        if (reader == null) {
            throw new ImageException(name, "not a picture in a known format (JPEG, PNG, GIF, BMP, TIFF)", null);
        }
        String size = "";
        try {
            var damage = new Damage();
            reader.addIIOReadWarningListener(damage);
            reader.setInput(new ByteArrayInput(JpegBytes.isJpeg(file) ? JpegBytes.prepared(file) : file), false, false);
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            size = width + "x" + height + " pixels, ";
            checkSize(width, height, name, maxPixels);
            BufferedImage image = reader.read(0);
            if (damage.message != null) {
                throw new ImageException(name, "truncated or corrupt (" + damage.message + ")", null);
            }
            return Orientation.upright(Image.of(image), Orientation.of(file));
        } catch (ImageException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new ImageException(name, "truncated or corrupt (" + reason(e) + ")", e);
        } catch (OutOfMemoryError e) {
            throw new ImageException(name, size + "not enough memory to decode", e);
        } finally {
            reader.dispose();
        }
    }

    private static void checkSize(int width, int height, String name, long maxPixels) {
        if (width < 1 || height < 1) {
            throw new ImageException(name, "corrupt, its header says " + width + "x" + height + " pixels", null);
        }
        long pixels = (long) width * height;
        if (pixels > maxPixels || 3 * pixels > Integer.MAX_VALUE - 8) {
            throw new ImageException(name, width + "x" + height + " pixels, more than the limit of " + maxPixels
                    + " (system property " + Image.MAX_PIXELS_PROPERTY + ")", null);
        }
    }

    private static ImageReader reader(byte[] file) {
        Plugins.ready();
        Iterator<ImageReader> readers = ImageIO.getImageReaders(new ByteArrayInput(file));
        ImageReader found = null;
        while (readers.hasNext()) {
            ImageReader next = readers.next();
            ImageReaderSpi provider = next.getOriginatingProvider();
            // WBMP has no signature: zeros pass for it.
            boolean guess = provider != null && Arrays.asList(provider.getFormatNames()).contains("wbmp");
            boolean preferred = provider != null && provider.getClass().getName().startsWith(JPEG_PLUGIN);
            if (!guess && (found == null || preferred)) {
                found = next;
            }
        }
        return found;
    }

    private static String reason(Exception e) {
        if (e instanceof EOFException) {
            return "unexpected end of the file";
        }
        String message = e.getMessage();
        for (Throwable cause = e; message == null && cause != null; cause = cause.getCause()) {
            message = cause.getMessage();
        }
        return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
    }

    /** Keeps the first warning that says that pixels are missing; other warnings (odd headers, profiles) are harmless. */
    private static final class Damage implements javax.imageio.event.IIOReadWarningListener {
        private String message;

        @Override
        public void warningOccurred(ImageReader source, String warning) {
            String text = warning.toLowerCase(Locale.ROOT);
            boolean missing = text.contains("premature end") || text.contains("truncated file")
                    || text.contains("corrupt jpeg data") && !text.contains("extraneous bytes")
                    || text.contains("end of file") || text.contains("unexpected end");
            if (missing && message == null) {
                message = warning;
            }
        }
    }

    /** Looks for the JPEG plugin once, with this library's class loader when the default scan has not found it. */
    private static final class Plugins {
        static {
            if (!registered()) {
                Thread thread = Thread.currentThread();
                ClassLoader before = thread.getContextClassLoader();
                try {
                    thread.setContextClassLoader(ImageDecoder.class.getClassLoader());
                    ImageIO.scanForPlugins();
                } finally {
                    thread.setContextClassLoader(before);
                }
                if (!registered()) {
                    System.getLogger(ImageDecoder.class.getName()).log(System.Logger.Level.WARNING,
                            "the TwelveMonkeys JPEG plugin is not on the class path: CMYK photos cannot be read");
                }
            }
        }

        private static boolean registered() {
            var providers = IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, false);
            while (providers.hasNext()) {
                if (providers.next().getClass().getName().startsWith(JPEG_PLUGIN)) {
                    return true;
                }
            }
            return false;
        }

        static void ready() {
            // Loading the class does the work.
        }
    }
}
