package io.fovea.format;

import io.fovea.graph.Activation;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;

/** TensorFlow's weight layouts turned into ours. */
final class TfLayouts {
    private TfLayouts() {
    }

    /** Returns a convolution from weights {@code [kernelH, kernelW, in, out]}, without bias. */
    static Op.Conv conv(Tensor hwio, int stride, int dilation, boolean same, Shape in) {
        int h = hwio.dims()[0];
        int w = hwio.dims()[1];
        int channels = hwio.dims()[2];
        int out = hwio.dims()[3];
        float[] weights = new float[hwio.size()];
        for (int tap = 0, i = 0; tap < h * w; tap++) {
            for (int c = 0; c < channels; c++) {
                for (int o = 0; o < out; o++, i++) {
                    weights[(o * channels + c) * h * w + tap] = hwio.floats()[i];
                }
            }
        }
        return new Op.Conv(window(h, w, stride, dilation, same, in), 1, out, weights, new float[out], Activation.NONE);
    }

    /** Returns a depthwise convolution from weights {@code [kernelH, kernelW, in, multiplier]}, without bias. */
    static Op.Conv depthwise(Tensor hwcm, int stride, int dilation, boolean same, Shape in) {
        int h = hwcm.dims()[0];
        int w = hwcm.dims()[1];
        int out = hwcm.dims()[2] * hwcm.dims()[3];
        float[] weights = new float[hwcm.size()];
        for (int tap = 0, i = 0; tap < h * w; tap++) {
            for (int o = 0; o < out; o++, i++) {
                weights[o * h * w + tap] = hwcm.floats()[i];
            }
        }
        return new Op.Conv(window(h, w, stride, dilation, same, in), hwcm.dims()[2], out, weights, new float[out],
                Activation.NONE);
    }

    /** SAME pads so that the output is {@code ceil(input / stride)}, the larger half at the end; VALID does not pad. */
    private static Window window(int kernelH, int kernelW, int stride, int dilation, boolean same, Shape in) {
        int v = same ? pad(kernelH, stride, dilation, in.height()) : 0;
        int h = same ? pad(kernelW, stride, dilation, in.width()) : 0;
        return new Window(kernelH, kernelW, stride, stride, v / 2, h / 2, v - v / 2, h - h / 2, dilation, dilation);
    }

    private static int pad(int kernel, int stride, int dilation, int size) {
        int out = (size + stride - 1) / stride;
        return Math.max(0, (out - 1) * stride + (kernel - 1) * dilation + 1 - size);
    }
}
