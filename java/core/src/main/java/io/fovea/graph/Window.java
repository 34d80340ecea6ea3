package io.fovea.graph;

/**
 * Geometry of a sliding window: kernel, stride, padding and dilation, as ONNX names them.
 *
 * @param kernelH kernel height, at least 1
 * @param kernelW kernel width, at least 1
 * @param strideH vertical stride, at least 1
 * @param strideW horizontal stride, at least 1
 * @param padTop rows of padding above the map, at least 0
 * @param padLeft columns of padding left of the map, at least 0
 * @param padBottom rows of padding below the map, at least 0
 * @param padRight columns of padding right of the map, at least 0
 * @param dilationH distance of kernel rows, at least 1
 * @param dilationW distance of kernel columns, at least 1
 */
public record Window(int kernelH, int kernelW, int strideH, int strideW, int padTop, int padLeft, int padBottom,
        int padRight, int dilationH, int dilationW) implements Reach {

    /** The window of a pointwise convolution. */
    public static final Window POINTWISE = new Window(1, 1, 1, 1, 0, 0, 0, 0, 1, 1);

    public Window {
        if (kernelH < 1 || kernelW < 1 || strideH < 1 || strideW < 1 || dilationH < 1 || dilationW < 1) {
            throw new GraphException("window with kernel " + kernelH + "x" + kernelW + ", stride " + strideH + "x"
                    + strideW + ", dilation " + dilationH + "x" + dilationW + ": each must be at least 1");
        }
        if (padTop < 0 || padLeft < 0 || padBottom < 0 || padRight < 0) {
            throw new GraphException("window with negative padding");
        }
        if ((long) kernelH * kernelW > 1 << 16 || (long) kernelH * dilationH > 1 << 20
                || (long) kernelW * dilationW > 1 << 20) {
            throw new GraphException("window of " + kernelH + "x" + kernelW + " taps is too large");
        }
    }

    /** Returns a square window with the same stride and padding on all sides. */
    public static Window square(int kernel, int stride, int pad) {
        return new Window(kernel, kernel, stride, stride, pad, pad, pad, pad, 1, 1);
    }

    /**
     * Returns TensorFlow's SAME padding for an input of {@code height x width}: output size is {@code ceil(in / stride)},
     * and an odd amount of padding puts the larger part at the end.
     */
    public static Window same(int kernel, int stride, int height, int width) {
        int v = samePad(kernel, stride, height);
        int h = samePad(kernel, stride, width);
        return new Window(kernel, kernel, stride, stride, v / 2, h / 2, v - v / 2, h - h / 2, 1, 1);
    }

    private static int samePad(int kernel, int stride, int size) {
        int out = (size + stride - 1) / stride;
        return Math.max(0, (out - 1) * stride + kernel - size);
    }

    @Override
    public int row(int y, int ky) {
        return y * strideH - padTop + ky * dilationH;
    }

    @Override
    public int column(int x, int kx) {
        return x * strideW - padLeft + kx * dilationW;
    }

    /** Returns whether an output site reads exactly the input site of its own position and nothing else. */
    public boolean isPointwise() {
        return taps() == 1 && strideH == 1 && strideW == 1 && padTop == 0 && padLeft == 0 && padBottom == 0
                && padRight == 0;
    }

    @Override
    public int outHeight(int height) {
        return Math.floorDiv(height + padTop + padBottom - (kernelH - 1) * dilationH - 1, strideH) + 1;
    }

    @Override
    public int outWidth(int width) {
        return Math.floorDiv(width + padLeft + padRight - (kernelW - 1) * dilationW - 1, strideW) + 1;
    }
}
