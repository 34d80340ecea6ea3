package io.fovea.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Small random graphs of all operators; the same seed gives the same graph. */
public final class RandomGraphs {
    private final Random random;
    private final GraphBuilder builder;
    private final List<String> maps = new ArrayList<>();
    private final List<String> rows = new ArrayList<>();
    private int count;

    private RandomGraphs(long seed) {
        random = new Random(seed);
        builder = new GraphBuilder("random" + seed, "in", new Shape(1 + random.nextInt(9), 1 + random.nextInt(9), 3));
        maps.add("in");
    }

    /** Returns a graph of some twenty nodes with one output of rows and one feature map. */
    public static Graph make(long seed) {
        RandomGraphs g = new RandomGraphs(seed);
        for (int i = 0; i < 20; i++) {
            g.step();
        }
        g.rows.add(g.node(new Op.HeadRows(1), g.maps.getLast()));
        String joined = g.node(new Op.JoinRows(),
                g.rows.stream().filter(r -> g.shape(r).channels() == 1).toArray(String[]::new));
        String map = g.node(new Op.Activate(Activation.RELU), g.maps.getLast());
        return g.builder.build(List.of(map, joined));
    }

    private void step() {
        String x = pick(maps);
        Shape s = shape(x);
        switch (random.nextInt(20)) {
            case 0, 1, 2 -> maps.add(conv(x, 1 + random.nextInt(6), 1));
            case 3 -> maps.add(conv(x, s.channels(), s.channels()));
            case 4 -> {
                String y = node(convOp(s, s.channels(), 1, Window.POINTWISE), x);
                String other = random.nextBoolean() ? x : node(affine(s.channels()), x);
                maps.add(node(new Op.Add(activation()), random.nextBoolean() ? List.of(y, other) : List.of(other, y)));
            }
            case 5 -> maps.add(node(convOp(s, s.channels(), 1, Window.POINTWISE), List.of(x, x)));
            case 6 -> maps.add(node(affine(s.channels()), x));
            case 7 -> maps.add(node(new Op.Activate(activation()), x));
            case 8 -> {
                String y = node(new Op.Activate(activation()), x);
                if (s.channels() < 16) {
                    maps.add(node(new Op.Concat(), List.of(x, y, x)));
                }
            }
            case 9 -> maps.add(node(new Op.MaxPool(window(s, 1)), x));
            case 10 -> maps.add(node(random.nextInt(4) == 0
                    ? new Op.GlobalAverage()
                    : new Op.AveragePool(window(s, 1), random.nextBoolean()), x));
            case 11 -> maps.add(node(new Op.PRelu(values(s.channels(), 1f)), x));
            case 12 -> maps.add(node(new Op.Softmax(s.channels() % 2 == 0 ? 2 : s.channels()), x));
            case 13 -> {
                String small = node(random.nextBoolean()
                        ? new Op.GlobalAverage()
                        : new Op.Reduce(Op.Reduce.Kind.values()[random.nextInt(4)]), x);
                Op.Binary.Kind[] kinds = shape(small).equals(s)
                        ? new Op.Binary.Kind[]{Op.Binary.Kind.MIN, Op.Binary.Kind.MUL}
                        : new Op.Binary.Kind[]{Op.Binary.Kind.ADD, Op.Binary.Kind.SUB_FROM, Op.Binary.Kind.MAX};
                maps.add(node(new Op.Binary(kinds[random.nextInt(kinds.length)]), List.of(x, small)));
            }
            case 14 -> maps.add(
                    node(new Op.SelectChannels(random.ints(1 + random.nextInt(6), 0, s.channels()).toArray()), x));
            case 15 -> maps.add(node(sampled(s), x));
            default -> {
                String r = node(new Op.HeadRows(random.nextBoolean() ? 1 : s.channels()), x);
                Shape rs = shape(r);
                switch (random.nextInt(5)) {
                    case 0 -> r = node(new Op.Activate(activation()), r);
                    case 1 -> r = node(affine(rs.channels()), r);
                    case 2 -> r = node(new Op.HeadRows(1), r);
                    case 3 -> r = node(new Op.Add(activation()), List.of(r, r));
                    default -> r = node(new Op.JoinRows(), List.of(r, r));
                }
                rows.add(r);
            }
        }
    }

    private Op sampled(Shape s) {
        boolean large = s.sites() > 400;
        return switch (random.nextInt(large ? 2 : 4)) {
            case 0 -> s.sites() == 1
                    ? new Op.Spread(2, 1)
                    : new Op.Crop(s.height() / 2, s.width() / 3, 1, 1 + s.width() / 3, 1, 1);
            case 1 -> resize(s, 1 + random.nextInt(9), 1 + random.nextInt(9));
            case 2 -> new Op.Pad(random.nextInt(s.height()), 1, 0, random.nextInt(s.width()), s.width() > 1
                    ? Op.Pad.Fill.values()[1 + random.nextInt(2)]
                    : Op.Pad.Fill.EDGE);
            default -> new Op.Spread(1 + random.nextInt(3), 2);
        };
    }

    private Op resize(Shape s, int height, int width) {
        return new Op.Resize(height, width, (float) height / s.height(), (float) width / s.width(), interpolation());
    }

    private Interpolation interpolation() {
        return new Interpolation(false, Interpolation.Coordinates.values()[random.nextInt(4)],
                Interpolation.Rounding.values()[random.nextInt(4)]);
    }

    private Shape shape(String value) {
        return builder.shape(value);
    }

    private String pick(List<String> from) {
        return from.get(Math.max(random.nextInt(from.size()), random.nextInt(from.size())));
    }

    private String node(Op op, String... inputs) {
        return node(op, List.of(inputs));
    }

    private String node(Op op, List<String> inputs) {
        int n = count++;
        return builder.add("node" + n, op, "v" + n, inputs);
    }

    private String conv(String x, int out, int groups) {
        return node(convOp(shape(x), out, groups, window(shape(x), 2)), x);
    }

    private Op.Conv convOp(Shape in, int out, int groups, Window w) {
        float[] weights = values(out * (in.channels() / groups) * w.taps(), 0.6f);
        return new Op.Conv(w, groups, out, weights, values(out, 1f), activation());
    }

    private Op affine(int channels) {
        float[] ones = new float[channels];
        java.util.Arrays.fill(ones, 1f);
        return switch (random.nextInt(4)) {
            case 0 -> new Op.Affine(values(channels, 1.5f), new float[channels]);
            case 1 -> new Op.Affine(ones, values(channels, 1f));
            case 2 -> new Op.Affine(ones, new float[channels]);
            default -> new Op.Affine(values(channels, 1.5f), values(channels, 1f));
        };
    }

    private float[] values(int n, float size) {
        float[] v = new float[n];
        for (int i = 0; i < n; i++) {
            v[i] = (random.nextFloat() * 2 - 1) * size;
        }
        return v;
    }

    private Window window(Shape in, int maxDilation) {
        int kh = Math.min(1 + random.nextInt(3), in.height());
        int kw = Math.min(1 + random.nextInt(3), in.width());
        int dh = (kh - 1) * 2 < in.height() ? 1 + random.nextInt(maxDilation) : 1;
        int dw = (kw - 1) * 2 < in.width() ? 1 + random.nextInt(maxDilation) : 1;
        return new Window(kh, kw, 1 + random.nextInt(2), 1 + random.nextInt(2), random.nextInt(kh), random.nextInt(kw),
                random.nextInt(kh), random.nextInt(kw), dh, dw);
    }

    private Activation activation() {
        return switch (random.nextInt(17)) {
            case 0 -> Activation.RELU;
            case 1 -> Activation.RELU6;
            case 2 -> Activation.clip(-0.5f, Float.POSITIVE_INFINITY);
            case 3 -> Activation.clip(Float.NEGATIVE_INFINITY, 0.75f);
            case 4 -> new Activation(Activation.Kind.LEAKY_RELU, 0.1f, 0f);
            case 5 -> Activation.of(Activation.Kind.SIGMOID);
            case 6 -> new Activation(Activation.Kind.HARD_SIGMOID, 0.3f, 0.4f);
            case 7 -> Activation.of(Activation.Kind.HARD_SWISH);
            case 8 -> Activation.of(Activation.Kind.SILU);
            case 9 -> Activation.of(Activation.Kind.TANH);
            case 10 -> new Activation(Activation.Kind.ELU, 0.8f, 0f);
            case 11 -> Activation.of(Activation.Kind.MISH);
            case 12 -> Activation.of(Activation.Kind.SOFTPLUS);
            case 13 -> Activation.of(Activation.Kind.ABS);
            case 14 -> new Activation(Activation.Kind.POWER, 0f, 0f);
            default -> Activation.NONE;
        };
    }
}
