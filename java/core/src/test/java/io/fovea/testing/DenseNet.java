package io.fovea.testing;

import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A graph computed node by node over whole maps in double precision: the judge of every executor. Maps are
 * {@code [height][width][channels]}, which makes a list of head rows the same array as its map.
 */
public final class DenseNet {
    private final Graph graph;
    private final Rewrite rewrite;
    private final Map<String, double[]> values = new HashMap<>();

    /** Changes a value right after it is computed. */
    @FunctionalInterface
    public interface Rewrite {
        /** Changes the map of a value in place. */
        void after(Node node, Shape shape, double[] map);
    }

    private DenseNet(Graph graph, Rewrite rewrite) {
        this.graph = graph;
        this.rewrite = rewrite;
    }

    /** Returns the maps of all values by name. */
    public static Map<String, double[]> run(Graph graph, float[] nhwc) {
        return run(graph, nhwc, (node, shape, map) -> {
        });
    }

    /** Returns the maps of all values by name, each changed by {@code rewrite} before anything reads it. */
    public static Map<String, double[]> run(Graph graph, float[] nhwc, Rewrite rewrite) {
        DenseNet net = new DenseNet(graph, rewrite);
        double[] input = new double[nhwc.length];
        Arrays.setAll(input, i -> nhwc[i]);
        net.values.put(graph.input(), input);
        for (Node node : graph.nodes()) {
            double[] map = net.compute(node);
            net.rewrite.after(node, graph.shape(node.output()), map);
            net.values.put(node.output(), map);
        }
        return net.values;
    }

    /** Returns an output in ONNX order: rows as they are, maps as {@code [channels][height][width]}. */
    public static float[] output(Graph graph, String name, Map<String, double[]> values) {
        double[] map = values.get(name);
        float[] nhwc = new float[map.length];
        for (int i = 0; i < map.length; i++) {
            nhwc[i] = (float) map[i];
        }
        return isRows(graph, name) ? nhwc : Values.channelsFirst(nhwc, graph.shape(name));
    }

    /** Returns whether a value is a list of head rows. */
    public static boolean isRows(Graph graph, String value) {
        Node writer = graph.writer(value);
        return writer != null && switch (writer.op()) {
            case Op.HeadRows rows -> true;
            case Op.JoinRows rows -> true;
            default -> false;
        };
    }

    private double[] compute(Node node) {
        List<double[]> in = node.inputs().stream().map(values::get).toList();
        double[] x = in.getFirst();
        Shape shape = graph.shape(node.inputs().getFirst());
        Shape out = graph.shape(node.output());
        return switch (node.op()) {
            case Op.Conv conv -> conv(conv, x, shape, in.size() == 2 ? in.get(1) : new double[out.values()], out);
            case Op.Affine affine -> {
                double[] y = new double[x.length];
                Arrays.setAll(y, i -> x[i] * affine.scale()[i % out.channels()] + affine.shift()[i % out.channels()]);
                yield y;
            }
            case Op.Activate act -> Arrays.stream(x).map(act.activation()::apply).toArray();
            case Op.Add add -> {
                double[] y = new double[x.length];
                Arrays.setAll(y, i -> add.activation().apply(x[i] + in.get(1)[i]));
                yield y;
            }
            case Op.Concat concat -> concat(node, in, out);
            case Op.MaxPool pool -> pool(pool.window(), true, false, x, shape, out);
            case Op.AveragePool pool -> pool(pool.window(), false, pool.countPadding(), x, shape, out);
            case Op.GlobalAverage average -> pool(
                    new Window(shape.height(), shape.width(), 1, 1, 0, 0, 0, 0, 1, 1), false, false, x, shape, out);
            case Op.PRelu prelu -> {
                double[] y = new double[x.length];
                Arrays.setAll(y, i -> x[i] < 0 ? x[i] * prelu.slope()[i % out.channels()] : x[i]);
                yield y;
            }
            case Op.Softmax softmax -> softmax(softmax.width(), x);
            case Op.Binary binary -> {
                Shape small = graph.shape(node.inputs().get(1));
                double[] y = new double[x.length];
                Arrays.setAll(y, i -> {
                    int site = small.sites() == 1 ? 0 : i / out.channels();
                    int channel = small.channels() == 1 ? 0 : i % out.channels();
                    double b = in.get(1)[site * small.channels() + channel];
                    return switch (binary.kind()) {
                        case ADD -> x[i] + b;
                        case SUB -> x[i] - b;
                        case SUB_FROM -> b - x[i];
                        case MUL -> x[i] * b;
                        case DIV -> x[i] / b;
                        case DIV_INTO -> b / x[i];
                        case MIN -> Math.min(x[i], b);
                        case MAX -> Math.max(x[i], b);
                    };
                });
                yield y;
            }
            case Op.Reduce reduce -> {
                double[] y = new double[out.sites()];
                int c = shape.channels();
                for (int i = 0; i < y.length; i++) {
                    double[] site = Arrays.copyOfRange(x, i * c, (i + 1) * c);
                    y[i] = switch (reduce.kind()) {
                        case SUM -> Arrays.stream(site).sum();
                        case MEAN -> Arrays.stream(site).sum() / c;
                        case MAX -> Arrays.stream(site).max().orElseThrow();
                        case L2 -> Math.sqrt(Arrays.stream(site).map(v -> v * v).sum());
                    };
                }
                yield y;
            }
            case Op.SelectChannels select -> {
                double[] y = new double[out.values()];
                Arrays.setAll(y, i -> x[i / out.channels() * shape.channels() + select.channels()[i % out.channels()]]);
                yield y;
            }
            case Op.Sampled sampled -> sample(sampled, x, shape, out);
            case Op.HeadRows rows -> x.clone();
            case Op.JoinRows join -> in.stream().flatMapToDouble(Arrays::stream).toArray();
        };
    }

    /** Sites are shared by the processors; each is summed tap by tap, in the order of the weights, for all output channels at a time. */
    private static double[] conv(Op.Conv conv, double[] x, Shape in, double[] residual, Shape out) {
        Window w = conv.window();
        int channels = out.channels();
        int groupIn = in.channels() / conv.groups();
        int groupOut = channels / conv.groups();
        double[] weights = new double[w.taps() * groupIn * channels];
        for (int i = 0; i < weights.length; i++) {
            int c = i % channels;
            int g = i / channels % groupIn;
            weights[i] = conv.weights()[(c * groupIn + g) * w.taps() + i / channels / groupIn];
        }
        double[] y = new double[out.values()];
        IntStream.range(0, out.sites()).parallel().forEach(site -> {
            double[] sums = new double[channels];
            Arrays.setAll(sums, c -> conv.bias()[c]);
            for (int tap = 0; tap < w.taps(); tap++) {
                int iy = site / out.width() * w.strideH() - w.padTop() + tap / w.kernelW() * w.dilationH();
                int ix = site % out.width() * w.strideW() - w.padLeft() + tap % w.kernelW() * w.dilationW();
                if (iy < 0 || ix < 0 || iy >= in.height() || ix >= in.width()) {
                    continue;
                }
                int from = (iy * in.width() + ix) * in.channels();
                for (int g = 0; g < groupIn; g++) {
                    int row = (tap * groupIn + g) * channels;
                    for (int group = 0; group < conv.groups(); group++) {
                        addRow(sums, group * groupOut, groupOut, x[from + group * groupIn + g], weights, row);
                    }
                }
            }
            for (int c = 0; c < channels; c++) {
                int i = site * channels + c;
                y[i] = conv.activation().apply(sums[c] + residual[i]);
            }
        });
        return y;
    }

    private static void addRow(double[] sums, int first, int count, double value, double[] weights, int row) {
        for (int c = first; c < first + count; c++) {
            sums[c] += value * weights[row + c];
        }
    }

    private static double[] softmax(int width, double[] x) {
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            int first = i / width * width;
            double sum = 0;
            for (int c = first; c < first + width; c++) {
                sum += Math.exp(x[c] - x[i]);
            }
            y[i] = 1 / sum;
        }
        return y;
    }

    /** Resized, padded, cropped or spread, from where an output position lies in the input. */
    private static double[] sample(Op.Sampled op, double[] x, Shape in, Shape out) {
        double[] y = new double[out.values()];
        for (int i = 0; i < y.length; i++) {
            int c = i % out.channels();
            int oy = i / out.channels() / out.width();
            int ox = i / out.channels() % out.width();
            y[i] = switch (op) {
                case Op.Resize r when r.interpolation().linear() -> {
                    double v = clamp(position(r, oy, in.height(), out.height(), r.scaleH()), in.height() - 1);
                    double h = clamp(position(r, ox, in.width(), out.width(), r.scaleW()), in.width() - 1);
                    int top = (int) v;
                    int left = (int) h;
                    double upper = mix(at(x, in, top, left, c), at(x, in, top, left + 1, c), h - left);
                    double lower = mix(at(x, in, top + 1, left, c), at(x, in, top + 1, left + 1, c), h - left);
                    yield mix(upper, lower, v - top);
                }
                case Op.Resize r -> at(x, in, nearest(r, position(r, oy, in.height(), out.height(), r.scaleH())),
                        nearest(r, position(r, ox, in.width(), out.width(), r.scaleW())), c);
                case Op.Pad p when p.fill() == Op.Pad.Fill.ZERO -> inside(x, in, oy - p.top(), ox - p.left(), c);
                case Op.Pad p when p.fill() == Op.Pad.Fill.EDGE -> at(x, in, oy - p.top(), ox - p.left(), c);
                case Op.Pad p -> at(x, in, mirrored(oy - p.top(), in.height()), mirrored(ox - p.left(), in.width()), c);
                case Op.Crop p -> at(x, in, p.top() + oy * p.stepH(), p.left() + ox * p.stepW(), c);
                case Op.Spread s -> oy % s.strideH() == 0 && ox % s.strideW() == 0
                        ? at(x, in, oy / s.strideH(), ox / s.strideW(), c)
                        : 0;
            };
        }
        return y;
    }

    private static double position(Op.Resize r, int x, int in, int out, float scale) {
        return switch (r.interpolation().coordinates()) {
            case HALF_PIXEL -> (x + 0.5) / scale - 0.5;
            case PYTORCH_HALF_PIXEL -> out == 1 ? 0 : (x + 0.5) / scale - 0.5;
            case ALIGN_CORNERS -> out == 1 ? 0 : x * (in - 1.0) / (out - 1);
            case ASYMMETRIC -> x / (double) scale;
        };
    }

    private static int nearest(Op.Resize r, double at) {
        double half = Math.abs(at - Math.floor(at) - 0.5) < 1e-4 ? Math.floor(at) + 0.5 : at;
        double near = Math.abs(at - Math.rint(at)) < 1e-4 ? Math.rint(at) : half;
        return (int) switch (r.interpolation().rounding()) {
            case ROUND_PREFER_FLOOR -> near == half ? Math.floor(near) : Math.rint(near);
            case ROUND_PREFER_CEIL -> Math.floor(near + 0.5);
            case FLOOR -> Math.floor(near);
            case CEIL -> Math.ceil(near);
        };
    }

    private static double clamp(double at, int last) {
        return Math.max(0, Math.min(at, last));
    }

    private static double mix(double a, double b, double share) {
        return a + (b - a) * share;
    }

    private static int mirrored(int at, int size) {
        return at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;
    }

    private static double at(double[] x, Shape in, int row, int column, int c) {
        return inside(x, in, (int) clamp(row, in.height() - 1), (int) clamp(column, in.width() - 1), c);
    }

    private static double inside(double[] x, Shape in, int row, int column, int c) {
        return row < 0 || column < 0 || row >= in.height() || column >= in.width()
                ? 0
                : x[(row * in.width() + column) * in.channels() + c];
    }

    private double[] concat(Node node, List<double[]> in, Shape out) {
        double[] y = new double[out.values()];
        int offset = 0;
        for (int n = 0; n < in.size(); n++) {
            int channels = graph.shape(node.inputs().get(n)).channels();
            for (int site = 0; site < out.sites(); site++) {
                System.arraycopy(in.get(n), site * channels, y, site * out.channels() + offset, channels);
            }
            offset += channels;
        }
        return y;
    }

    private static double[] pool(Window w, boolean max, boolean countPadding, double[] x, Shape in, Shape out) {
        double[] y = new double[out.values()];
        for (int i = 0; i < y.length; i++) {
            int c = i % out.channels();
            int top = i / out.channels() / out.width() * w.strideH() - w.padTop();
            int left = i / out.channels() % out.width() * w.strideW() - w.padLeft();
            double most = Double.NEGATIVE_INFINITY;
            double sum = 0;
            int inside = 0;
            for (int ky = 0; ky < w.kernelH(); ky++) {
                for (int kx = 0; kx < w.kernelW(); kx++) {
                    int iy = top + ky * w.dilationH();
                    int ix = left + kx * w.dilationW();
                    if (iy >= 0 && ix >= 0 && iy < in.height() && ix < in.width()) {
                        double v = x[(iy * in.width() + ix) * in.channels() + c];
                        most = Math.max(most, v);
                        sum += v;
                        inside++;
                    }
                }
            }
            y[i] = max ? most : sum / (countPadding ? w.taps() : inside);
        }
        return y;
    }
}
