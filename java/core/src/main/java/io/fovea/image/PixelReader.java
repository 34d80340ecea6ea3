package io.fovea.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * Takes 8-bit RGB out of any AWT picture. Grey and RGB samples are taken as they stand: AWT's own conversion of grey pictures
 * assumes linear light and brightens them.
 */
final class PixelReader {
    private PixelReader() {
    }

    /** Returns width * height * 3 bytes, alpha blended over white. */
    static byte[] packedRgb(BufferedImage image) {
        long bytes = 3L * image.getWidth() * image.getHeight();
        if (bytes > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("picture size " + image.getWidth() + "x" + image.getHeight());
        }
        byte[] rgb = new byte[(int) bytes];
        ColorModel model = image.getColorModel();
        if (samplesAsTheyStand(model)) {
            if (model.getTransferType() == DataBuffer.TYPE_BYTE && image.getRaster().getNumBands() == 3
                    && model.getPixelSize() == 24) {
                fromBytes(image.getRaster(), rgb);
                return rgb;
            }
            fromSamples(image, rgb);
        } else if (model instanceof IndexColorModel palette) {
            fromPalette(image.getRaster(), palette, rgb);
        } else {
            fromColorModel(image, rgb);
        }
        return rgb;
    }

    private static boolean samplesAsTheyStand(ColorModel model) {
        int type = model.getColorSpace().getType();
        boolean linear = model.getColorSpace() == ColorSpace.getInstance(ColorSpace.CS_LINEAR_RGB);
        boolean integers = model.getTransferType() == DataBuffer.TYPE_BYTE
                || model.getTransferType() == DataBuffer.TYPE_USHORT;
        return model instanceof ComponentColorModel && integers && !linear
                && (type == ColorSpace.TYPE_RGB || type == ColorSpace.TYPE_GRAY);
    }

    /** The usual case, three bands of 8 bits: the raster puts them into band order itself. */
    private static void fromBytes(Raster raster, byte[] rgb) {
        int width = raster.getWidth();
        byte[] row = new byte[3 * width];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getDataElements(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            System.arraycopy(row, 0, rgb, y * row.length, row.length);
        }
    }

    private static void fromSamples(BufferedImage image, byte[] rgb) {
        Raster raster = image.getRaster();
        ColorModel model = image.getColorModel();
        int width = image.getWidth();
        int bands = raster.getNumBands();
        int colors = Math.min(model.getNumColorComponents(), bands);
        boolean alpha = model.hasAlpha() && bands > colors;
        int[] top = new int[bands];
        for (int b = 0; b < bands; b++) {
            top[b] = (1 << model.getComponentSize(b)) - 1;
        }
        int green = colors == 3 ? 1 : 0;
        int blue = colors == 3 ? 2 : 0;
        int[] row = new int[width * bands];
        for (int y = 0, t = 0; y < image.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0, s = 0; x < width; x++, s += bands, t += 3) {
                int r = toByte(row[s], top[0]);
                int g = toByte(row[s + green], top[green]);
                int b = toByte(row[s + blue], top[blue]);
                if (alpha) {
                    int a = toByte(row[s + colors], top[colors]);
                    boolean multiplied = model.isAlphaPremultiplied();
                    r = overWhite(r, a, multiplied);
                    g = overWhite(g, a, multiplied);
                    b = overWhite(b, a, multiplied);
                }
                rgb[t] = (byte) r;
                rgb[t + 1] = (byte) g;
                rgb[t + 2] = (byte) b;
            }
        }
    }

    private static void fromPalette(Raster raster, IndexColorModel palette, byte[] rgb) {
        int[] colors = new int[palette.getMapSize()];
        palette.getRGBs(colors);
        int width = raster.getWidth();
        int[] row = new int[width];
        for (int y = 0, t = 0; y < raster.getHeight(); y++) {
            raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
            for (int x = 0; x < width; x++, t += 3) {
                putOverWhite(row[x] < colors.length ? colors[row[x]] : 0xFF000000, rgb, t);
            }
        }
    }

    private static void fromColorModel(BufferedImage image, byte[] rgb) {
        int width = image.getWidth();
        int[] row = new int[width];
        for (int y = 0, t = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++, t += 3) {
                putOverWhite(row[x], rgb, t);
            }
        }
    }

    private static void putOverWhite(int argb, byte[] rgb, int t) {
        int a = argb >>> 24;
        rgb[t] = (byte) overWhite(argb >> 16 & 0xFF, a, false);
        rgb[t + 1] = (byte) overWhite(argb >> 8 & 0xFF, a, false);
        rgb[t + 2] = (byte) overWhite(argb & 0xFF, a, false);
    }

    /** Scales a sample of 0..top to 0..255, rounding to the nearest. */
    private static int toByte(int sample, int top) {
        return top == 255 ? sample : (sample * 255 + top / 2) / top;
    }

    private static int overWhite(int color, int alpha, boolean multiplied) {
        if (alpha == 255) {
            return color;
        }
        return multiplied ? Math.min(255, color + 255 - alpha) : (color * alpha + 255 * (255 - alpha) + 127) / 255;
    }
}
