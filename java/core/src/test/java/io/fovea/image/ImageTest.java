package io.fovea.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageTest {
    private static void assertQuarters(Image image, int tolerance) {
        for (int q = 0; q < 4; q++) {
            int x = image.width() * (1 + 2 * (q % 2)) / 4;
            int y = image.height() * (1 + 2 * (q / 2)) / 4;
            int expected = Pictures.quarter(q % 2, q / 2);
            assertTrue(Pictures.difference(expected, image.rgb(x, y)) <= tolerance, () -> "pixel (" + x + ", " + y
                    + ") is " + Integer.toHexString(image.rgb(x, y)) + ", not " + Integer.toHexString(expected));
        }
    }

    @ParameterizedTest
    @CsvSource({"png,0", "bmp,0", "tiff,0", "jpeg,12"})
    void readsColors(String format, int tolerance) {
        BufferedImage made = Pictures.quarters(64, 32, BufferedImage.TYPE_INT_RGB);
        Image image = Image.read(Pictures.encode(made, format), format);
        assertEquals("64x32", image.width() + "x" + image.height());
        assertQuarters(image, tolerance);
    }

    @Test
    void readsProgressiveJpegAndStream() {
        byte[] file = Pictures.jpeg(Pictures.quarters(64, 32, BufferedImage.TYPE_INT_RGB), true);
        assertQuarters(Image.read(new ByteArrayInputStream(file), "stream"), 6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cmyk.jpg", "ycck.jpg"})
    void readsInks(String resource) throws IOException {
        try (var stream = ImageTest.class.getResourceAsStream(resource)) {
            Image image = Image.read(stream, resource);
            // Printed inks are no pure colours, and how dark they are depends on the profile of the machine.
            int red = image.rgb(4, 4);
            assertTrue((red >> 16) > 180 && (red >> 8 & 0xFF) < 90 && (red & 0xFF) < 90, Integer.toHexString(red));
            int green = image.rgb(28, 4);
            assertTrue((green >> 16) < 90 && (green >> 8 & 0xFF) > 120 && (green & 0xFF) < 120,
                    Integer.toHexString(green));
            assertTrue(Pictures.difference(0xFFFFFF, image.rgb(4, 28)) <= 8, Integer.toHexString(image.rgb(4, 28)));
            assertTrue(Pictures.difference(0x181818, image.rgb(28, 28)) <= 40, Integer.toHexString(image.rgb(28, 28)));
        }
    }

    @Test
    void profilesOfRgbPicturesAreNotApplied() {
        byte[] plain = Pictures.jpeg(Pictures.quarters(64, 32, BufferedImage.TYPE_INT_RGB), false);
        byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        Image image = Image.read(Pictures.withProfile(plain, profile), "linear");
        assertEquals(-1, image.pixels().mismatch(Image.read(plain, "plain").pixels()));
        byte[] open = Pictures.withProfile(Arrays.copyOf(plain, plain.length - 2), profile);
        assertEquals(-1, image.pixels().mismatch(Image.read(open, "without end marker").pixels()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg"})
    void greyKeepsItsValues(String format) {
        var grey = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 256; i++) {
            grey.getRaster().setSample(i % 16, i / 16, 0, i / 32 * 36);
        }
        Image image = Image.read(Pictures.encode(grey, format), format);
        for (int i = 0; i < 256; i++) {
            int value = i / 32 * 36;
            int found = image.rgb(i % 16, i / 16);
            assertTrue(Pictures.difference(value * 0x010101, found) <= ("png".equals(format) ? 0 : 5),
                    value + " became " + Integer.toHexString(found));
        }
    }

    @Test
    void sixteenBitsAreRoundedToEight() {
        var grey = new BufferedImage(3, 1, BufferedImage.TYPE_USHORT_GRAY);
        grey.getRaster().setPixels(0, 0, 3, 1, new int[]{65535, 257 * 100 + 128, 257 * 100 + 129});
        Image image = Image.read(Pictures.encode(grey, "png"), "grey16");
        assertEquals(0xFFFFFF, image.rgb(0, 0));
        assertEquals(0x646464, image.rgb(1, 0));
        assertEquals(0x656565, image.rgb(2, 0));

        var model = new ComponentColorModel(ColorSpace.getInstance(ColorSpace.CS_sRGB), true, false,
                Transparency.TRANSLUCENT, DataBuffer.TYPE_USHORT);
        var rgba = new BufferedImage(model, model.createCompatibleWritableRaster(2, 1), false, null);
        rgba.getRaster().setPixel(0, 0, new int[]{257 * 10, 257 * 20, 257 * 30, 65535});
        rgba.getRaster().setPixel(1, 0, new int[]{257 * 10, 257 * 20, 257 * 30, 0});
        image = Image.read(Pictures.encode(rgba, "png"), "rgba16");
        assertEquals(0x0A141E, image.rgb(0, 0));
        assertEquals(0xFFFFFF, image.rgb(1, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {BufferedImage.TYPE_INT_ARGB, BufferedImage.TYPE_4BYTE_ABGR})
    void alphaIsBlendedOverWhite(int type) {
        var made = new BufferedImage(3, 1, type);
        made.setRGB(0, 0, 0xFF204060);
        made.setRGB(1, 0, 0x00204060);
        made.setRGB(2, 0, 0x80204060);
        for (Image image : new Image[]{Image.of(made), Image.read(Pictures.encode(made, "png"), "alpha")}) {
            assertEquals(0x204060, image.rgb(0, 0));
            assertEquals(0xFFFFFF, image.rgb(1, 0));
            // 255 + (0x20 - 255) * 128 / 255 = 143.06, and 159.1, 175.2
            assertEquals(0x8F9FAF, image.rgb(2, 0));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {BufferedImage.TYPE_INT_ARGB_PRE, BufferedImage.TYPE_4BYTE_ABGR_PRE})
    void premultipliedAlphaIsBlendedOverWhite(int type) {
        var made = new BufferedImage(2, 1, type);
        made.setRGB(0, 0, 0x80204060);
        made.setRGB(1, 0, 0xFF204060);
        assertTrue(Pictures.difference(0x8F9FAF, Image.of(made).rgb(0, 0)) <= 1);
        assertEquals(0x204060, Image.of(made).rgb(1, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_BGR, BufferedImage.TYPE_3BYTE_BGR,
            BufferedImage.TYPE_INT_ARGB, BufferedImage.TYPE_4BYTE_ABGR})
    void awtPicturesComeAndGo(int type) {
        BufferedImage made = Pictures.quarters(10, 6, type);
        assertQuarters(Image.of(made), 0);
        BufferedImage back = Image.of(made).toBufferedImage();
        for (int i = 0; i < 60; i++) {
            assertEquals(made.getRGB(i % 10, i / 10) | 0xFF000000, back.getRGB(i % 10, i / 10));
        }
        // A part of a larger picture shares its raster, at an offset.
        Image part = Image.of(Pictures.quarters(20, 12, type).getSubimage(5, 3, 10, 6));
        assertQuarters(part, 0);
    }

    @Test
    void palettesAndBits() {
        byte[] red = {0, (byte) 200};
        byte[] green = {10, 100};
        byte[] blue = {20, 50};
        var model = new IndexColorModel(1, 2, red, green, blue);
        var made = new BufferedImage(9, 2, BufferedImage.TYPE_BYTE_BINARY, model);
        made.getRaster().setSample(8, 1, 0, 1);
        for (Image image : new Image[]{Image.of(made), Image.read(Pictures.encode(made, "png"), "palette")}) {
            assertEquals(0xC86432, image.rgb(8, 1));
            assertEquals(0x000A14, image.rgb(7, 1));
        }
        var cut = new IndexColorModel(8, 2, red, green, blue, 1);
        var transparent = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_INDEXED, cut);
        transparent.getRaster().setSample(1, 0, 0, 1);
        Image image = Image.read(Pictures.encode(transparent, "png"), "transparent");
        assertEquals(0x000A14, image.rgb(0, 0));
        assertEquals(0xFFFFFF, image.rgb(1, 0));
    }

    @Test
    void rawBytesWithStride() {
        byte[] data = {1, 2, 3, 4, 5, 6, 99, 7, 8, 9, 10, 11, 12};
        Image rgb = Image.ofRgb(data, 2, 2, 7);
        Image bgr = Image.ofBgr(data, 2, 2, 7);
        assertEquals(0x040506, rgb.rgb(1, 0));
        assertEquals(0x0A0B0C, rgb.rgb(1, 1));
        assertEquals(0x060504, bgr.rgb(1, 0));
        assertEquals(0x090807, bgr.rgb(0, 1));
        assertThrows(IllegalArgumentException.class, () -> Image.ofRgb(data, 2, 2, 5));
        assertThrows(IllegalArgumentException.class, () -> Image.ofRgb(data, 2, 2, 8));
        assertThrows(IllegalArgumentException.class, () -> Image.ofRgb(data, 0, 2, 7));
        assertThrows(IllegalArgumentException.class, () -> Image.ofRgb(data, 1 << 20, 1 << 20, 3 << 20));
    }

    @Test
    void nobodyCanChangeAnImage() {
        byte[] data = {1, 2, 3};
        Image image = Image.ofRgb(data, 1, 1, 3);
        data[0] = 50;
        image.toBufferedImage().setRGB(0, 0, 0xFFFFFFFF);
        assertEquals(0x010203, image.rgb(0, 0));
        assertArrayEquals(new byte[]{1, 2, 3}, image.pixels().toArray(ValueLayout.JAVA_BYTE));
        assertThrows(RuntimeException.class, () -> image.pixels().set(ValueLayout.JAVA_BYTE, 0, (byte) 9));
        assertTrue(image.pixels().heapBase().isEmpty());
        assertThrows(IndexOutOfBoundsException.class, () -> image.rgb(1, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> image.rgb(0, -1));
    }

    @Test
    void threadsReadAtOnceAndTheHostsSettingsStay() throws Exception {
        boolean cache = ImageIO.getUseCache();
        byte[] file = Pictures.jpeg(Pictures.noise(90, 70, 4).toBufferedImage(), false);
        Image alone = Image.read(file, "alone");
        try (var pool = Executors.newFixedThreadPool(4)) {
            var jobs = new ArrayList<Callable<Image>>();
            for (int i = 0; i < 40; i++) {
                jobs.add(() -> Image.read(file, "one of many"));
            }
            for (var job : pool.invokeAll(jobs)) {
                assertEquals(-1, job.get().pixels().mismatch(alone.pixels()));
            }
        }
        assertEquals(cache, ImageIO.getUseCache());
    }
}
