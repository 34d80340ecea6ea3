package io.fovea.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Pictures that tests make. */
final class Pictures {
    private Pictures() {
    }

    /** Noise over a gradient: every pixel differs from its neighbours. */
    static Image noise(int width, int height, long seed) {
        var random = new Random(seed);
        byte[] rgb = new byte[3 * width * height];
        random.nextBytes(rgb);
        return Image.ofRgb(rgb, width, height, 3 * width);
    }

    /** Four large quarters of other colours, so that JPEG keeps them nearly as they are. */
    static BufferedImage quarters(int width, int height, int type) {
        var image = new BufferedImage(width, height, type);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, quarter(x * 2 / width, y * 2 / height));
            }
        }
        return image;
    }

    /** Colour of a quarter: (0, 0) red, (1, 0) green, (0, 1) blue, (1, 1) yellow. */
    static int quarter(int right, int below) {
        return new int[]{0xFFE02020, 0xFF20C030, 0xFF2030D0, 0xFFE0D030}[right + 2 * below];
    }

    static byte[] encode(BufferedImage image, String format) {
        var out = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, format, new MemoryCacheImageOutputStream(out) {
                @Override
                public void close() throws IOException {
                    flush();
                    super.close();
                }
            })) {
                throw new IllegalStateException("no writer of " + format + " for " + image);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static byte[] jpeg(BufferedImage image, boolean progressive) {
        ImageWriter writer = ImageIO.getImageWriters(ImageTypeSpecifier.createFromRenderedImage(image), "jpeg").next();
        var out = new ByteArrayOutputStream();
        try (var stream = new MemoryCacheImageOutputStream(out)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            param.setCompressionQuality(0.95f);
            param.setProgressiveMode(progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
            writer.setOutput(stream);
            writer.write(null, new IIOImage(image, null, null), param);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    /** Puts a colour profile behind the start marker. */
    static byte[] withProfile(byte[] jpeg, byte[] profile) {
        byte[] segment = ByteBuffer.allocate(18 + profile.length).putShort((short) 0xFFE2)
                .putShort((short) (16 + profile.length)).put("ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 1).put((byte) 1).put(profile).array();
        var out = new ByteArrayOutputStream();
        out.writeBytes(Arrays.copyOf(jpeg, 2));
        out.writeBytes(segment);
        out.writeBytes(Arrays.copyOfRange(jpeg, 2, jpeg.length));
        return out.toByteArray();
    }

    /** Largest difference of a channel of two colours. */
    static int difference(int rgb, int other) {
        int most = 0;
        for (int shift = 0; shift < 24; shift += 8) {
            most = Math.max(most, Math.abs((rgb >> shift & 0xFF) - (other >> shift & 0xFF)));
        }
        return most;
    }
}
