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
            case Op.HeadRows rows -> x.clone();
            case Op.JoinRows join -> in.stream().flatMapToDouble(Arrays::stream).toArray();
        };
    }

    private static double[] conv(Op.Conv conv, double[] x, Shape in, double[] residual, Shape out) {
        Window w = conv.window();
        int groupIn = in.channels() / conv.groups();
        int groupOut = conv.outChannels() / conv.groups();
        double[] y = new double[out.values()];
        for (int i = 0; i < y.length; i++) {
            int c = i % out.channels();
            int oy = i / out.channels() / out.width();
            int ox = i / out.channels() % out.width();
            double sum = conv.bias()[c];
            for (int ky = 0; ky < w.kernelH(); ky++) {
                for (int kx = 0; kx < w.kernelW(); kx++) {
                    int iy = oy * w.strideH() - w.padTop() + ky * w.dilationH();
                    int ix = ox * w.strideW() - w.padLeft() + kx * w.dilationW();
                    if (iy < 0 || ix < 0 || iy >= in.height() || ix >= in.width()) {
                        continue;
                    }
                    int from = (iy * in.width() + ix) * in.channels() + c / groupOut * groupIn;
                    int weight = (c * groupIn * w.kernelH() + ky) * w.kernelW() + kx;
                    for (int g = 0; g < groupIn; g++) {
                        sum += conv.weights()[weight + g * w.taps()] * x[from + g];
                    }
                }
            }
            y[i] = conv.activation().apply(sum + residual[i]);
        }
        return y;
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
            for (int iy = Math.max(0, top); iy < Math.min(in.height(), top + w.kernelH()); iy++) {
                for (int ix = Math.max(0, left); ix < Math.min(in.width(), left + w.kernelW()); ix++) {
                    double v = x[(iy * in.width() + ix) * in.channels() + c];
                    most = Math.max(most, v);
                    sum += v;
                    inside++;
                }
            }
            y[i] = max ? most : sum / (countPadding ? w.taps() : inside);
        }
        return y;
    }
}
