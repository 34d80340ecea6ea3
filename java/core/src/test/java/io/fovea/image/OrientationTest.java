package io.fovea.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The eight EXIF orientations, from the words of the standard: where the stored row 0 and column 0 belong. */
class OrientationTest {
    private static final String[] ROW = {"top", "top", "bottom", "bottom", "left", "right", "right", "left"};
    private static final String[] COLUMN = {"left", "right", "right", "left", "top", "top", "bottom", "bottom"};

    /** Returns the upright (x, y) of a stored pixel. */
    private static int[] upright(int row, int column, int rows, int columns, int orientation) {
        int[] at = new int[2];
        place(at, ROW[orientation - 1], row, rows);
        place(at, COLUMN[orientation - 1], column, columns);
        return at;
    }

    /** The line {@code index} of {@code count} lies that far from the edge that line 0 is. */
    private static void place(int[] at, String edge, int index, int count) {
        switch (edge) {
            case "top" -> at[1] = index;
            case "bottom" -> at[1] = count - 1 - index;
            case "left" -> at[0] = index;
            case "right" -> at[0] = count - 1 - index;
            default -> throw new AssertionError(edge);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyPixelLandsWhereTheStandardSays(int orientation) {
        int[][] sizes = {{1, 1}, {1, 5}, {4, 1}, {5, 3}, {2, 7}};
        for (int[] size : sizes) {
            Image stored = Pictures.noise(size[0], size[1], orientation);
            Image turned = Orientation.upright(stored, orientation);
            assertEquals(orientation < 5 ? size[0] : size[1], turned.width());
            assertEquals(orientation < 5 ? size[1] : size[0], turned.height());
            for (int row = 0; row < size[1]; row++) {
                for (int column = 0; column < size[0]; column++) {
                    int[] at = upright(row, column, size[1], size[0], orientation);
                    assertEquals(stored.rgb(column, row), turned.rgb(at[0], at[1]), Arrays.toString(size));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,big", "2,big", "3,big", "4,big", "5,big", "6,big", "7,big", "8,big", "6,little", "3,little"})
    void jpegWithExif(int orientation, String order) {
        BufferedImage made = Pictures.quarters(48, 32, BufferedImage.TYPE_INT_RGB);
        Image image = Image.read(withExif(Pictures.jpeg(made, false), orientation, order), "exif");
        assertEquals(orientation < 5 ? "48x32" : "32x48", image.width() + "x" + image.height());
        for (int row = 8; row < 32; row += 16) {
            for (int column = 12; column < 48; column += 24) {
                int[] at = upright(row, column, 32, 48, orientation);
                int expected = Pictures.quarter(column / 24, row / 16);
                assertTrue(Pictures.difference(expected, image.rgb(at[0], at[1])) <= 6,
                        "stored (" + column + ", " + row + ") at " + Arrays.toString(at) + " is "
                                + Integer.toHexString(image.rgb(at[0], at[1])));
            }
        }
    }

    @Test
    void pngWithExif() {
        byte[] png = Pictures.encode(Pictures.quarters(6, 4, BufferedImage.TYPE_INT_RGB), "png");
        Image image = Image.read(withExifChunk(png, 6), "exif.png");
        assertEquals("4x6", image.width() + "x" + image.height());
        assertEquals(Pictures.quarter(0, 1) & 0xFFFFFF, image.rgb(0, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 65535})
    void valuesOutsideTheStandardAreIgnored(int orientation) {
        byte[] jpeg = Pictures.jpeg(Pictures.quarters(16, 8, BufferedImage.TYPE_INT_RGB), false);
        assertEquals(16, Image.read(withExif(jpeg, orientation, "big"), "odd").width());
    }

    @Test
    void brokenExifIsIgnored() {
        byte[] jpeg = Pictures.jpeg(Pictures.quarters(16, 8, BufferedImage.TYPE_INT_RGB), false);
        byte[] tiff = tiff(6, ByteOrder.BIG_ENDIAN);
        for (int n = 0; n < tiff.length; n++) {
            byte[] broken = segment(jpeg, Arrays.copyOf(tiff, n));
            assertTrue(Image.read(broken, "broken").width() >= 8);
        }
        Arrays.fill(tiff, (byte) 0xFF);
        assertEquals(16, Image.read(segment(jpeg, tiff), "broken").width());
    }

    @Test
    void uprightPicturesAreNotCopied() {
        Image image = Pictures.noise(3, 2, 1);
        assertSame(image, Orientation.upright(image, 1));
    }

    private static byte[] withExif(byte[] jpeg, int orientation, String order) {
        return segment(jpeg, tiff(orientation, "big".equals(order.toLowerCase(Locale.ROOT))
                ? ByteOrder.BIG_ENDIAN
                : ByteOrder.LITTLE_ENDIAN));
    }

    /** A TIFF block with one directory of one entry: orientation, a SHORT. */
    private static byte[] tiff(int orientation, ByteOrder order) {
        ByteBuffer tiff = ByteBuffer.allocate(26).order(order);
        tiff.put((order == ByteOrder.BIG_ENDIAN ? "MM" : "II").getBytes(StandardCharsets.US_ASCII));
        tiff.putShort((short) 42).putInt(8);
        tiff.putShort((short) 1).putShort((short) 0x0112).putShort((short) 3).putInt(1);
        tiff.putShort((short) orientation).putShort((short) 0).putInt(0);
        return tiff.array();
    }

    /** Puts an APP1 segment behind the start marker. */
    private static byte[] segment(byte[] jpeg, byte[] tiff) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(Arrays.copyOf(jpeg, 2));
        out.writeBytes(ByteBuffer.allocate(4).putShort((short) 0xFFE1).putShort((short) (8 + tiff.length)).array());
        out.writeBytes("Exif\0\0".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(tiff);
        out.writeBytes(Arrays.copyOfRange(jpeg, 2, jpeg.length));
        return out.toByteArray();
    }

    /** Puts an eXIf chunk behind the header chunk. */
    private static byte[] withExifChunk(byte[] png, int orientation) {
        byte[] tiff = tiff(orientation, ByteOrder.BIG_ENDIAN);
        byte[] chunk = ByteBuffer.allocate(4 + tiff.length).put("eXIf".getBytes(StandardCharsets.US_ASCII)).put(tiff)
                .array();
        var crc = new CRC32();
        crc.update(chunk);
        var out = new ByteArrayOutputStream();
        out.writeBytes(Arrays.copyOf(png, 33));
        out.writeBytes(ByteBuffer.allocate(4).putInt(tiff.length).array());
        out.writeBytes(chunk);
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
        out.writeBytes(Arrays.copyOfRange(png, 33, png.length));
        return out.toByteArray();
    }
}
