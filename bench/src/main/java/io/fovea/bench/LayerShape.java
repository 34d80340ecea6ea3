package io.fovea.bench;

import io.fovea.graph.Activation;
import io.fovea.graph.Window;
import io.fovea.kernel.Layer;
import io.fovea.plan.Plan;
import io.fovea.plan.Step;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * The shape of one convolution of a real net, as a line of text: {@code conv|depthwise HxW IN>OUT kKsS [+residual]}. Weights are seeded
 * noise: speed does not depend on them.
 *
 * @param depthwise whether every channel has its own filter
 * @param height rows of the input map
 * @param width columns of the input map
 * @param in input channels
 * @param out output channels
 * @param kernel window size, padded as TensorFlow's SAME
 * @param stride window stride
 * @param residual whether a second value is added
 */
record LayerShape(boolean depthwise, int height, int width, int in, int out, int kernel, int stride, boolean residual) {

    /** Returns the convolutions of a plan without fused steps, each shape once, in order. */
    static List<LayerShape> of(Plan plan) {
        Set<LayerShape> shapes = new LinkedHashSet<>();
        for (Step step : plan.steps()) {
            if (step.layer() instanceof Layer.Conv conv) {
                var map = plan.values().get(step.in()).shape();
                shapes.add(new LayerShape(conv.isDepthwise(), map.height(), map.width(), conv.inChannels(),
                        conv.outChannels(), conv.window().kernelH(), conv.window().strideH(), conv.residual()));
            }
        }
        return List.copyOf(shapes);
    }

    /**
     * Reads a line.
     *
     * @throws IllegalArgumentException if it has another form
     */
    static LayerShape parse(String line) {
        var match = java.util.regex.Pattern
                .compile("(conv|depthwise) (\\d+)x(\\d+) (\\d+)>(\\d+) k(\\d+)s(\\d+)( \\+residual)?")
                .matcher(line.trim());
        if (!match.matches()) {
            throw new IllegalArgumentException(
                    "layer shape '" + line + "' is not of the form 'conv|depthwise HxW IN>OUT kKsS [+residual]'");
        }
        int[] n = new int[6];
        for (int i = 0; i < n.length; i++) {
            n[i] = Integer.parseInt(match.group(i + 2));
        }
        return new LayerShape(match.group(1).equals("depthwise"), n[0], n[1], n[2], n[3], n[4], n[5],
                match.group(8) != null);
    }

    @Override
    public String toString() {
        return (depthwise ? "depthwise " : "conv ") + height + "x" + width + " " + in + ">" + out + " k" + kernel + "s"
                + stride + (residual ? " +residual" : "");
    }

    /** Returns the window. */
    Window window() {
        return kernel == 1 && stride == 1 ? Window.POINTWISE : Window.same(kernel, stride, height, width);
    }

    /** Returns the layer with seeded weights. */
    Layer.Conv layer() {
        Random random = new Random(toString().hashCode());
        int groups = depthwise ? in : 1;
        float[] weights = new float[out * (in / groups) * kernel * kernel];
        float[] bias = new float[out];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian() / kernel;
        }
        for (int i = 0; i < out; i++) {
            bias[i] = (float) random.nextGaussian();
        }
        return new Layer.Conv(in, out, window(), groups, weights, bias, Activation.RELU6, residual);
    }
}
