package io.fovea.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Seeds;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input gives one line that names the picture; small and odd but good input is read. */
class ImageErrorsTest {
    private static final List<byte[]> DAMAGED = List.of(
            Pictures.jpeg(Pictures.noise(60, 50, 2).toBufferedImage(), false),
            Pictures.jpeg(Pictures.noise(60, 50, 2).toBufferedImage(), true),
            Pictures.encode(Pictures.noise(60, 50, 2).toBufferedImage(), "png"),
            Pictures.encode(Pictures.noise(60, 50, 2).toBufferedImage(), "gif"),
            Pictures.encode(Pictures.noise(60, 50, 2).toBufferedImage(), "bmp"),
            Pictures.encode(Pictures.noise(60, 50, 2).toBufferedImage(), "tiff"));

    @TempDir
    Path folder;

    private static String refused(byte[] file) {
        var e = assertThrows(ImageException.class, () -> Image.read(file, "a.jpg"));
        assertTrue(e.getMessage().startsWith("a.jpg: "), e.getMessage());
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
        return e.getMessage();
    }

    @Test
    void missingFileFolderAndEmptyFile() throws IOException {
        Path none = folder.resolve("none.jpg");
        assertEquals(none + ": no such file", assertThrows(ImageException.class, () -> Image.read(none)).getMessage());
        assertEquals(folder + ": is a folder, not a picture",
                assertThrows(ImageException.class, () -> Image.read(folder)).getMessage());
        Path empty = Files.createFile(folder.resolve("empty.jpg"));
        assertEquals(empty + ": the file is empty",
                assertThrows(ImageException.class, () -> Image.read(empty)).getMessage());
    }

    @Test
    void notAPicture() {
        assertTrue(refused("plain text, not a picture".getBytes(StandardCharsets.UTF_8)).contains("not a picture"));
        assertTrue(refused(new byte[1000]).contains("not a picture"));
        assertTrue(refused(new byte[]{1}).contains("not a picture"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void truncatedJpegAtEveryTenth(boolean progressive) {
        byte[] whole = Pictures.jpeg(Pictures.noise(160, 120, 1).toBufferedImage(), progressive);
        for (int tenth = 1; tenth < 10; tenth++) {
            int n = whole.length * tenth / 10;
            refused(Arrays.copyOf(whole, n));
        }
        refused(Arrays.copyOf(whole, 2));
        refused(Arrays.copyOf(whole, 30));
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "gif", "bmp", "tiff"})
    void truncatedOthersAtEveryTenth(String format) {
        byte[] whole = Pictures.encode(Pictures.noise(60, 50, 1).toBufferedImage(), format);
        Image.read(whole, "whole");
        for (int tenth = 1; tenth < 10; tenth++) {
            refused(Arrays.copyOf(whole, whole.length * tenth / 10));
        }
    }

    /** Any damage gives a picture of the header's size or one line; never another exception. */
    @Property(seed = Seeds.BUILD, tries = 300)
    void damagedBytes(@ForAll @IntRange(min = 0, max = 5) int kind, @ForAll long seed) {
        byte[] file = DAMAGED.get(kind).clone();
        var random = new Random(seed);
        for (int n = random.nextInt(1, 5); n > 0; n--) {
            int end = random.nextBoolean() ? Math.min(200, file.length) : file.length;
            file[random.nextInt(end)] = (byte) random.nextInt();
        }
        try {
            Image image = Image.read(file, "a.jpg", 100_000);
            assertTrue(image.width() > 0 && image.height() > 0 && image.rgb(0, 0) >= 0);
        } catch (ImageException e) {
            assertTrue(e.getMessage().startsWith("a.jpg: ") && e.getMessage().lines().count() == 1, e.getMessage());
        }
    }

    /** A cut anywhere before the last pixels is an error. */
    @Property(seed = Seeds.BUILD, tries = 100)
    void cutJpeg(@ForAll boolean progressive, @ForAll @DoubleRange(min = 0, max = 1) double share) {
        byte[] file = DAMAGED.get(progressive ? 1 : 0);
        refused(Arrays.copyOf(file, 1 + (int) (share * (file.length - 12))));
    }

    @Test
    void harmlessWarningsAreIgnored() {
        byte[] whole = Pictures.jpeg(Pictures.quarters(32, 32, BufferedImage.TYPE_INT_RGB), false);
        byte[] file = Pictures.withProfile(whole, new byte[]{0, 1});
        assertEquals(32, Image.read(file, "bad profile").width());
    }

    @Test
    void jpegWithoutEndMarkerButAllPixelsIsRead() {
        byte[] whole = Pictures.jpeg(Pictures.quarters(64, 48, BufferedImage.TYPE_INT_RGB), false);
        Image cut = Image.read(Arrays.copyOf(whole, whole.length - 2), "cut");
        Image full = Image.read(whole, "whole");
        assertEquals(-1, cut.pixels().mismatch(full.pixels()));
    }

    @Test
    void jpegWithBytesAfterItsEndIsRead() {
        byte[] whole = Pictures.jpeg(Pictures.quarters(64, 48, BufferedImage.TYPE_INT_RGB), false);
        Image longer = Image.read(Arrays.copyOf(whole, whole.length + 100), "longer");
        assertEquals(-1, longer.pixels().mismatch(Image.read(whole, "whole").pixels()));
    }

    @Test
    void hugeHeadersAreRefusedBeforeDecoding() throws IOException {
        String png = refused(pngHeader(20000, 20000));
        assertTrue(png.contains("20000x20000") && png.contains("100000000"), png);
        byte[] jpeg = Pictures.jpeg(new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), false);
        setJpegSize(jpeg, 20000, 20000);
        String message = refused(jpeg);
        assertTrue(message.contains("20000x20000") && message.contains("100000000"), message);
    }

    @Test
    void theLimitIsTheCallers() {
        byte[] file = Pictures.encode(new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB), "png");
        assertEquals(20, Image.read(file, "a", 200).width());
        var e = assertThrows(ImageException.class, () -> Image.read(file, "a", 199));
        assertTrue(e.getMessage().startsWith("a: 20x10 pixels, more than the limit of 199"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "gif", "bmp"})
    void onePixel(String format) {
        var one = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        one.setRGB(0, 0, 0x804020);
        Image read = Image.read(Pictures.encode(one, format), "one");
        assertEquals("1x1", read.width() + "x" + read.height());
        assertTrue(Pictures.difference(0x804020, read.rgb(0, 0)) <= ("gif".equals(format) ? 40 : 4),
                Integer.toHexString(read.rgb(0, 0)));
    }

    /** A PNG of the signature, a header and the end: no pixels at all. */
    private static byte[] pngHeader(int width, int height) throws IOException {
        var out = new ByteArrayOutputStream();
        out.write(new byte[]{(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
        byte[] header = ByteBuffer.allocate(17).put("IHDR".getBytes(StandardCharsets.US_ASCII)).putInt(width)
                .putInt(height).put(new byte[]{8, 2, 0, 0, 0}).array();
        for (byte[] chunk : new byte[][]{header, "IEND".getBytes(StandardCharsets.US_ASCII)}) {
            var crc = new CRC32();
            crc.update(chunk);
            out.write(ByteBuffer.allocate(4).putInt(chunk.length - 4).array());
            out.write(chunk);
            out.write(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
        }
        return out.toByteArray();
    }

    /** Overwrites the size in the start-of-frame segment. */
    private static void setJpegSize(byte[] file, int width, int height) {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        int at = 2;
        while ((file[at + 1] & 0xFF) != 0xC0) {
            at += 2 + bytes.getShort(at + 2);
        }
        bytes.putShort(at + 5, (short) height).putShort(at + 7, (short) width);
    }
}
