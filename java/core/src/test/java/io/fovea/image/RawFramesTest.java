package io.fovea.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RawFramesTest {

    private static MemorySegment plane(Random random, int stride, int rows) {
        byte[] bytes = new byte[stride * rows];
        random.nextBytes(bytes);
        return MemorySegment.ofArray(bytes);
    }

    @Property(seed = Seeds.BUILD, tries = 200)
    void vectorsGiveTheBytesOfTheOracle(@ForAll long seed, @ForAll @IntRange(min = 1, max = 150) int width) {
        Random random = new Random(seed);
        byte[] y = new byte[width];
        byte[] u = new byte[(width + 1) / 2];
        byte[] v = new byte[(width + 1) / 2];
        random.nextBytes(y);
        random.nextBytes(u);
        random.nextBytes(v);
        for (YuvSpace space : YuvSpace.values()) {
            byte[] want = new byte[3 * width + 4];
            byte[] got = want.clone();
            new ScalarRows().yuv(y, u, v, width, want, 2, Yuv.of(space));
            new VectorRows().yuv(y, u, v, width, got, 2, Yuv.of(space));
            assertArrayEquals(want, got, space + ", width " + width + ", seed " + seed);
        }
    }

    /** Every sample triple on a grid, against the matrices of the recommendations in double precision. */
    @Test
    void pixelsAreThoseOfTheRecommendations() {
        double[][] k = {{0.299, 0.114}, {0.2126, 0.0722}, {0.299, 0.114}, {0.2126, 0.0722}};
        byte[] got = new byte[3];
        for (YuvSpace space : YuvSpace.values()) {
            double kr = k[space.ordinal()][0];
            double kb = k[space.ordinal()][1];
            for (int y = 0; y < 256; y += 5) {
                for (int u = 0; u < 256; u += 5) {
                    for (int v = 0; v < 256; v += 5) {
                        Yuv.of(space).pixel(y, u, v, got, 0);
                        double l = space.isFull() ? y : (y - 16) * 255.0 / 219;
                        double cb = (u - 128) * (space.isFull() ? 1 : 255.0 / 224);
                        double cr = (v - 128) * (space.isFull() ? 1 : 255.0 / 224);
                        double r = l + 2 * (1 - kr) * cr;
                        double b = l + 2 * (1 - kb) * cb;
                        double g = (l - kr * r - kb * b) / (1 - kr - kb);
                        double[] want = {r, g, b};
                        for (int c = 0; c < 3; c++) {
                            assertEquals(Math.clamp(want[c], 0, 255), got[c] & 0xFF, 0.51,
                                    space + " y " + y + " u " + u + " v " + v + " channel " + c);
                        }
                    }
                }
            }
        }
        Yuv.of(YuvSpace.BT601).pixel(16, 128, 128, got, 0);
        assertArrayEquals(new byte[]{0, 0, 0}, got);
        Yuv.of(YuvSpace.BT709).pixel(235, 128, 128, got, 0);
        assertArrayEquals(new byte[]{-1, -1, -1}, got);
    }

    @Property(seed = Seeds.BUILD, tries = 100)
    void nv12AndI420OfTheSamePictureAreTheSame(@ForAll long seed, @ForAll @IntRange(min = 1, max = 70) int width,
            @ForAll @IntRange(min = 1, max = 9) int height) {
        Random random = new Random(seed);
        int half = (width + 1) / 2;
        int rows = (height + 1) / 2;
        int lumaStride = width + random.nextInt(5);
        int chromaStride = half + random.nextInt(5);
        MemorySegment luma = plane(random, lumaStride, height);
        MemorySegment u = plane(random, chromaStride, rows);
        MemorySegment v = plane(random, chromaStride, rows);
        int pairStride = 2 * half + random.nextInt(3);
        byte[] pairs = new byte[pairStride * rows];
        for (int r = 0; r < rows; r++) {
            for (int i = 0; i < half; i++) {
                pairs[r * pairStride + 2 * i] = u.get(ValueLayout.JAVA_BYTE, (long) r * chromaStride + i);
                pairs[r * pairStride + 2 * i + 1] = v.get(ValueLayout.JAVA_BYTE, (long) r * chromaStride + i);
            }
        }
        Image a = RawFrames.i420(luma, lumaStride, u, v, chromaStride, width, height, YuvSpace.BT601);
        Image b = RawFrames.nv12(luma, lumaStride, MemorySegment.ofArray(pairs), pairStride, width, height,
                YuvSpace.BT601);
        assertEquals(-1, a.pixels().mismatch(b.pixels()), "seed " + seed);
        byte[] want = new byte[3];
        int x = random.nextInt(width);
        int y = random.nextInt(height);
        Yuv.of(YuvSpace.BT601).pixel(luma.get(ValueLayout.JAVA_BYTE, (long) y * lumaStride + x) & 0xFF,
                u.get(ValueLayout.JAVA_BYTE, (long) (y / 2) * chromaStride + x / 2) & 0xFF,
                v.get(ValueLayout.JAVA_BYTE, (long) (y / 2) * chromaStride + x / 2) & 0xFF, want, 0);
        assertEquals((want[0] & 0xFF) << 16 | (want[1] & 0xFF) << 8 | want[2] & 0xFF, a.rgb(x, y), "seed " + seed);
    }

    @Test
    void packedRowsAreCopiedWithoutTheirStride() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pixels = arena.allocate(2 * 8);
            for (int i = 0; i < 16; i++) {
                pixels.set(ValueLayout.JAVA_BYTE, i, (byte) i);
            }
            Image rgb = RawFrames.packed(pixels, 8, 2, 2, ColorOrder.RGB);
            Image bgr = RawFrames.packed(pixels, 8, 2, 2, ColorOrder.BGR);
            assertEquals(0x030405, rgb.rgb(1, 0));
            assertEquals(0x08090A, rgb.rgb(0, 1));
            assertEquals(0x050403, bgr.rgb(1, 0));
        }
    }

    @Test
    void planesThatAreTooSmallAreNamed() {
        MemorySegment small = MemorySegment.ofArray(new byte[20]);
        String message = assertThrows(IllegalArgumentException.class,
                () -> RawFrames.i420(MemorySegment.ofArray(new byte[36]), 6, small, MemorySegment.ofArray(new byte[8]),
                        3, 6, 6, YuvSpace.BT601))
                .getMessage();
        assertTrue(message.contains("plane V of 8 bytes"), message);
        assertThrows(IllegalArgumentException.class,
                () -> RawFrames.nv12(small, 3, small, 4, 4, 2, YuvSpace.BT601), "stride below width");
        assertThrows(IllegalArgumentException.class,
                () -> RawFrames.nv12(small, 4, small, 4, 0, 2, YuvSpace.BT601));
        assertThrows(IllegalArgumentException.class, () -> RawFrames.packed(small, 9, 3, 3, ColorOrder.RGB));
    }
}
