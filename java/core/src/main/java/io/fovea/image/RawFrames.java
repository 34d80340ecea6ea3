package io.fovea.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Pictures out of raw buffers as cameras and decoders give them, in any memory, with strides. Pixels are copied or converted into a new
 * {@link Image}; a colour sample of 4:2:0 counts for its 2x2 pixels as it is. Thread-safe.
 */
public final class RawFrames {
    private RawFrames() {
    }

    /**
     * Converts NV12: a plane of luma, then one of interleaved U and V at half width and height (rounded up).
     *
     * @param luma luma plane
     * @param lumaStride bytes from one row to the next, at least {@code width}
     * @param chroma plane of U, V pairs
     * @param chromaStride bytes from one row to the next, at least {@code 2 * ((width + 1) / 2)}
     * @param width pixels
     * @param height pixels
     * @param space meaning of the samples
     * @throws IllegalArgumentException when a plane is too small or a size is not positive
     */
    public static Image nv12(MemorySegment luma, int lumaStride, MemorySegment chroma, int chromaStride, int width,
            int height, YuvSpace space) {
        checkSize(width, height);
        int half = (width + 1) / 2;
        check("luma", luma, lumaStride, width, height);
        check("chroma", chroma, chromaStride, 2L * half, (height + 1) / 2);
        byte[] pairs = new byte[2 * half];
        byte[] u = new byte[half];
        byte[] v = new byte[half];
        return convert(luma, lumaStride, width, height, space, u, v, row -> {
            copy(chroma, (long) row * chromaStride, pairs);
            for (int i = 0; i < half; i++) {
                u[i] = pairs[2 * i];
                v[i] = pairs[2 * i + 1];
            }
        });
    }

    /**
     * Converts I420 (YV12 with U and V swapped): planes of luma, U and V, colour at half width and height (rounded up).
     *
     * @param luma luma plane
     * @param lumaStride bytes from one row to the next, at least {@code width}
     * @param planeU plane of U
     * @param planeV plane of V
     * @param chromaStride bytes from one row of U or V to the next, at least {@code (width + 1) / 2}
     * @param width pixels
     * @param height pixels
     * @param space meaning of the samples
     * @throws IllegalArgumentException when a plane is too small or a size is not positive
     */
    public static Image i420(MemorySegment luma, int lumaStride, MemorySegment planeU, MemorySegment planeV,
            int chromaStride, int width, int height, YuvSpace space) {
        checkSize(width, height);
        int half = (width + 1) / 2;
        check("luma", luma, lumaStride, width, height);
        check("U", planeU, chromaStride, half, (height + 1) / 2);
        check("V", planeV, chromaStride, half, (height + 1) / 2);
        byte[] u = new byte[half];
        byte[] v = new byte[half];
        return convert(luma, lumaStride, width, height, space, u, v, row -> {
            copy(planeU, (long) row * chromaStride, u);
            copy(planeV, (long) row * chromaStride, v);
        });
    }

    /**
     * Copies packed pixels of 3 bytes.
     *
     * @param pixels rows from the top
     * @param stride bytes from one row to the next, at least {@code 3 * width}
     * @param width pixels
     * @param height pixels
     * @param order order of the bytes of a pixel
     * @throws IllegalArgumentException when the buffer is too small or a size is not positive
     */
    public static Image packed(MemorySegment pixels, int stride, int width, int height, ColorOrder order) {
        checkSize(width, height);
        check("pixels", pixels, stride, 3L * width, height);
        byte[] rows = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            MemorySegment.copy(pixels, ValueLayout.JAVA_BYTE, (long) y * stride, rows, 3 * width * y, 3 * width);
        }
        if (order == ColorOrder.BGR) {
            for (int i = 0; i < rows.length; i += 3) {
                byte first = rows[i];
                rows[i] = rows[i + 2];
                rows[i + 2] = first;
            }
        }
        return new Image(rows, width, height);
    }

    /** Brings the colour of a pair of rows. */
    private interface Chroma {
        void load(int row);
    }

    private static Image convert(MemorySegment luma, int stride, int width, int height, YuvSpace space, byte[] u,
            byte[] v, Chroma chroma) {
        RowConverter converter = RowConverter.best();
        Yuv yuv = Yuv.of(space);
        byte[] row = new byte[width];
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            if (y % 2 == 0) {
                chroma.load(y / 2);
            }
            copy(luma, (long) y * stride, row);
            converter.yuv(row, u, v, width, rgb, 3 * width * y, yuv);
        }
        return new Image(rgb, width, height);
    }

    private static void copy(MemorySegment from, long at, byte[] to) {
        MemorySegment.copy(from, ValueLayout.JAVA_BYTE, at, to, 0, to.length);
    }

    private static void checkSize(int width, int height) {
        if (width < 1 || height < 1 || 3L * width * height > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("picture size " + width + "x" + height);
        }
    }

    private static void check(String plane, MemorySegment segment, int stride, long row, int rows) {
        if (stride < row || (rows - 1L) * stride + row > segment.byteSize()) {
            throw new IllegalArgumentException("plane " + plane + " of " + segment.byteSize() + " bytes with stride "
                    + stride + " does not hold " + rows + " rows of " + row + " bytes");
        }
    }
}
