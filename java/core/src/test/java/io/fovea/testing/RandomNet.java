package io.fovea.testing;

import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Interpolation;
import io.fovea.graph.Interpolation.Coordinates;
import io.fovea.graph.Interpolation.Rounding;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Small random nets in the manner of detectors: convolutions, depthwise layers, inverted residuals, pools and joins
 * of maps, and a head that joins rows of up to three maps. The same seed gives the same net. Weights keep activations near 1.
 */
public final class RandomNet {
    private final Random random;
    private final GraphBuilder builder;
    private final List<String> maps = new ArrayList<>();
    private int count;

    private RandomNet(long seed) {
        random = new Random(seed);
        builder = new GraphBuilder("net" + seed, "image",
                new Shape(1 + random.nextInt(24), 1 + random.nextInt(24), 3));
    }

    /** Returns the net of a seed, with outputs {@code boxes}, {@code scores} and {@code map}. */
    public static Graph of(long seed) {
        RandomNet net = new RandomNet(seed);
        String x = "image";
        if (net.random.nextInt(3) == 0) {
            x = net.add(net.affine(3), x);
        }
        if (net.random.nextInt(5) == 0) {
            x = net.add(new Op.Activate(net.activation()), x);
        }
        if (net.random.nextInt(4) == 0) {
            net.maps.add(x);
        }
        net.maps.add(net.conv(x, net.channels(), 1));
        int layers = 4 + net.random.nextInt(7);
        for (int i = 0; i < layers; i++) {
            net.layer(net.maps.get(Math.max(net.random.nextInt(net.maps.size()), net.random.nextInt(net.maps.size()))));
        }
        return net.head();
    }

    private void layer(String x) {
        Shape s = builder.shape(x);
        switch (random.nextInt(20)) {
            case 0, 1 -> maps.add(conv(x, channels(), 1));
            case 2 -> maps.add(conv(x, s.channels(), s.channels()));
            case 3, 4 -> maps.add(invertedResidual(x));
            case 5 -> maps.add(add(new Op.MaxPool(pool(s)), x));
            case 6 -> maps.add(add(new Op.AveragePool(pool(s), random.nextBoolean()), x));
            case 7 -> {
                String other = sameSize(s, random.nextBoolean() ? s.channels() : 0);
                maps.add(s.equals(builder.shape(other))
                        ? add(new Op.Add(activation()), x, other)
                        : add(new Op.Concat(), x, other));
            }
            case 8 -> maps.add(add(new Op.Activate(activation()), x));
            case 9 -> maps.add(add(affine(s.channels()), x));
            case 10 -> maps.add(add(resize(s), x));
            case 11 -> maps.add(add(new Op.PRelu(Values.gaussian(random, s.channels(), 0.3)), x));
            case 12 -> maps.add(add(new Op.Softmax(s.channels() % 2 == 0 ? s.channels() / 2 : s.channels()), x));
            case 13 -> maps.add(add(new Op.Binary(kind()), x, second(s, x)));
            case 14 -> maps.add(squeezeExcite(x));
            case 15 -> maps.add(add(select(s), x));
            case 16 -> maps.add(add(sampled(s), x));
            case 17 -> maps.add(normalised(x));
            default ->
                maps.add(random.nextInt(3) == 0 ? add(new Op.GlobalAverage(), x) : conv(x, 2 * group(s), group(s)));
        }
    }

    private Op.Binary.Kind kind() {
        Op.Binary.Kind[] kinds = {Op.Binary.Kind.ADD, Op.Binary.Kind.SUB, Op.Binary.Kind.SUB_FROM, Op.Binary.Kind.MUL,
                Op.Binary.Kind.MIN, Op.Binary.Kind.MAX};
        return kinds[random.nextInt(kinds.length)];
    }

    /** A value that can be combined with x: one of its shape, one channel of it, one site, or one value. */
    private String second(Shape s, String x) {
        return switch (random.nextInt(4)) {
            case 0 -> sameSize(s, s.channels());
            case 1 -> add(new Op.Reduce(Op.Reduce.Kind.values()[random.nextInt(4)]), x);
            case 2 -> {
                int stride = Math.max(s.height(), s.width());
                Window w = new Window(1, 1, stride, stride, 0, 0, 0, 0, 1, 1);
                yield add(new Op.MaxPool(w), x);
            }
            default -> add(new Op.Reduce(Op.Reduce.Kind.MEAN), add(new Op.GlobalAverage(), x));
        };
    }

    private String squeezeExcite(String x) {
        int channels = builder.shape(x).channels();
        String squeezed = pointwise(add(new Op.GlobalAverage(), x), 3, Activation.RELU);
        String gate = pointwise(squeezed, channels, Activation.of(Activation.Kind.SIGMOID));
        return add(new Op.Binary(Op.Binary.Kind.MUL), x, gate);
    }

    private String normalised(String x) {
        String norm = add(new Op.Activate(Activation.clip(0.5f, Float.POSITIVE_INFINITY)),
                add(new Op.Reduce(Op.Reduce.Kind.L2), x));
        return add(new Op.Binary(Op.Binary.Kind.DIV), x, norm);
    }

    private Op select(Shape s) {
        return new Op.SelectChannels(random.ints(1 + random.nextInt(s.channels()), 0, s.channels()).toArray());
    }

    private Op sampled(Shape s) {
        Op.Pad.Fill[] fills = Op.Pad.Fill.values();
        return switch (random.nextInt(3)) {
            case 0 -> new Op.Pad(random.nextInt(s.height()), random.nextInt(s.width()), random.nextInt(s.height()),
                    random.nextInt(s.width()), fills[random.nextInt(fills.length)]);
            case 1 -> new Op.Crop(s.height() / 3, s.width() / 4, 1 + s.height() / 4, 1 + s.width() / 4,
                    1 + random.nextInt(2), 1);
            default -> new Op.Spread(1 + random.nextInt(2), 1 + random.nextInt(2));
        };
    }

    /** A linear resize to any size or to that of a map that is there, or a nearest one by whole factors, which knows no ties. */
    private Op resize(Shape s) {
        boolean linear = random.nextBoolean();
        Shape to = !linear
                ? new Shape(s.height() * (1 + random.nextInt(3)), s.width() * (1 + random.nextInt(3)), 1)
                : random.nextBoolean()
                        ? builder.shape(maps.get(random.nextInt(maps.size())))
                        : new Shape(1 + random.nextInt(2 * s.height()), 1 + random.nextInt(2 * s.width()), 1);
        Coordinates[] coordinates = Coordinates.values();
        return new Op.Resize(to.height(), to.width(), (float) to.height() / s.height(), (float) to.width() / s.width(),
                linear
                        ? new Interpolation(true, coordinates[random.nextInt(coordinates.length)], Rounding.FLOOR)
                        : new Interpolation(false, Coordinates.ASYMMETRIC, Rounding.FLOOR));
    }

    private static int group(Shape s) {
        return s.channels() % 2 == 0 ? 2 : 1;
    }

    /** Returns a map of the same height and width, and of so many channels unless that is 0; the map itself if there is no other. */
    private String sameSize(Shape s, int channels) {
        List<String> found = maps.stream().filter(m -> {
            Shape o = builder.shape(m);
            return o.height() == s.height() && o.width() == s.width() && (channels == 0 || o.channels() == channels);
        }).toList();
        return found.get(random.nextInt(found.size()));
    }

    private String invertedResidual(String x) {
        Shape s = builder.shape(x);
        String expanded = random.nextInt(4) == 0
                ? x
                : pointwise(x, s.channels() + random.nextInt(20), Activation.RELU6);
        Shape e = builder.shape(expanded);
        Window w = random.nextInt(3) == 0
                ? Window.same(3, 2, s.height(), s.width())
                : Window.same(3 + 2 * random.nextInt(2), 1, s.height(), s.width());
        String depthwise = add(new Op.Conv(w, e.channels(), e.channels(), weights(e.channels() * w.taps(), w.taps()),
                bias(e.channels()), Activation.RELU6), expanded);
        String projected = pointwise(depthwise, random.nextBoolean() ? s.channels() : channels(), Activation.NONE);
        return builder.shape(projected).equals(s) && random.nextInt(4) > 0
                ? add(new Op.Add(random.nextBoolean() ? Activation.NONE : Activation.RELU), x, projected)
                : projected;
    }

    private Graph head() {
        List<String> boxes = new ArrayList<>();
        List<String> scores = new ArrayList<>();
        int levels = 1 + random.nextInt(3);
        for (int level = 0; level < levels; level++) {
            String x = maps.get(maps.size() - 1 - random.nextInt(Math.min(maps.size(), 4)));
            int anchors = 1 + random.nextInt(3);
            boxes.add(add(new Op.HeadRows(4), pointwise(x, 4 * anchors, Activation.NONE)));
            String deep = random.nextBoolean()
                    ? x
                    : conv(x, builder.shape(x).channels(), builder.shape(x).channels(),
                            Window.same(3, 1, builder.shape(x).height(), builder.shape(x).width()));
            scores.add(add(new Op.HeadRows(5), pointwise(deep, 5 * anchors, Activation.NONE)));
        }
        builder.add("boxes", new Op.JoinRows(), "boxes", boxes);
        builder.add("scores", new Op.JoinRows(), "scores", scores);
        return builder.build(List.of("boxes", "scores", maps.getLast()));
    }

    private String add(Op op, String... inputs) {
        int n = count++;
        return builder.add("node" + n, op, "v" + n, List.of(inputs));
    }

    private int channels() {
        return 1 + random.nextInt(20);
    }

    private String pointwise(String x, int out, Activation activation) {
        int in = builder.shape(x).channels();
        return add(new Op.Conv(Window.POINTWISE, 1, out, weights(out * in, in), bias(out), activation), x);
    }

    private String conv(String x, int out, int groups) {
        return conv(x, out, groups, window(builder.shape(x)));
    }

    private String conv(String x, int out, int groups, Window w) {
        int fanIn = builder.shape(x).channels() / groups * w.taps();
        return add(new Op.Conv(w, groups, out, weights(out * fanIn, fanIn), bias(out), activation()), x);
    }

    private float[] weights(int count, int fanIn) {
        return Values.gaussian(random, count, 1 / Math.sqrt(fanIn));
    }

    private float[] bias(int channels) {
        return Values.gaussian(random, channels, 0.3);
    }

    private Op affine(int channels) {
        return new Op.Affine(Values.gaussian(random, channels, 1), Values.gaussian(random, channels, 0.5));
    }

    /** A window of kernel 1, 3 or 5 that fits, of SAME or of any other padding, sometimes dilated. */
    private Window window(Shape s) {
        int kernel = 1 + 2 * random.nextInt(3);
        int stride = 1 + random.nextInt(2);
        int dilation = random.nextInt(4) == 0 ? 2 : 1;
        int reach = (kernel - 1) * dilation;
        if (dilation == 1 && random.nextBoolean() || reach >= s.height() || reach >= s.width()) {
            return Window.same(kernel, stride, s.height(), s.width());
        }
        return new Window(kernel, kernel, stride, stride, random.nextInt(kernel), random.nextInt(kernel),
                random.nextInt(kernel), random.nextInt(kernel), dilation, dilation);
    }

    private Window pool(Shape s) {
        return Window.same(2 + random.nextInt(2), 1 + random.nextInt(2), s.height(), s.width());
    }

    private Activation activation() {
        return switch (random.nextInt(20)) {
            case 0, 1 -> Activation.RELU;
            case 2, 3 -> Activation.RELU6;
            case 4 -> Activation.clip(-0.5f, 0.75f);
            case 5 -> new Activation(Activation.Kind.LEAKY_RELU, 0.1f, 0);
            case 6 -> Activation.of(Activation.Kind.SIGMOID);
            case 7 -> Activation.of(Activation.Kind.HARD_SWISH);
            case 8 -> Activation.of(Activation.Kind.SILU);
            case 9 -> Activation.of(Activation.Kind.TANH);
            default -> Activation.NONE;
        };
    }
}
