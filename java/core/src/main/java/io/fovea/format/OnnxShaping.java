package io.fovea.format;

import static io.fovea.format.OnnxOperators.need;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.fovea.graph.Activation;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Reads what only moves values: Transpose, Reshape and its kin, Concat. Detector heads write their maps as rows in a few ways
 * (Transpose and Reshape; split channels, Transpose, Reshape; flattened and reshaped after joining), and all of them become
 * {@link Op.HeadRows} and {@link Op.JoinRows}.
 */
final class OnnxShaping {
    private OnnxShaping() {
    }

    static void transpose(OnnxGraph g, NodeProto node, OnnxAttributes a) {
        OnnxValue x = g.value(node, 0);
        String perm = Arrays.toString(a.list("perm"));
        if (x instanceof OnnxValue.FeatureMap map && perm.equals("[0, 2, 3, 1]")) {
            Shape s = g.builder().shape(map.value());
            g.define(node, contiguous(map.value(), 1, s.height(), s.width(), s.channels()));
        } else if (x instanceof OnnxValue.SplitChannels split && perm.equals("[0, 3, 4, 1, 2]")) {
            Shape s = g.builder().shape(split.value());
            g.define(node, contiguous(split.value(), 1, s.height(), s.width(), split.anchors(),
                    s.channels() / split.anchors()));
        } else if (x instanceof OnnxValue.SplitChannels split && perm.equals("[0, 1, 3, 4, 2]")) {
            g.define(node, anchorByAnchor(g, node, split));
        } else if (x instanceof OnnxValue.SplitChannels split && perm.equals("[0, 2, 1, 3, 4]")) {
            g.define(node, new OnnxValue.Shuffled(split.value(), split.anchors()));
        } else if (x instanceof OnnxValue.Contiguous c && perm.equals("[0, 3, 1, 2]") && isMap(g, c)) {
            g.define(node, new OnnxValue.FeatureMap(c.parts().get(0)));
        } else {
            throw new ModelFormatException(
                    "permutation " + perm + " of " + OnnxOperators.kind(x)
                            + " is not supported ([0, 2, 3, 1] of a map is)");
        }
    }

    /** Returns {@code [1, A, H, W, K]}, the rows of one anchor after those of the other: each anchor's channels become a map. */
    private static OnnxValue anchorByAnchor(OnnxGraph g, NodeProto node, OnnxValue.SplitChannels split) {
        Shape s = g.builder().shape(split.value());
        int width = s.channels() / split.anchors();
        g.derive(s.channels());
        List<String> parts = new ArrayList<>();
        for (int a = 0; a < split.anchors(); a++) {
            int first = a * width;
            String part = node.getOutput(0) + "/" + a;
            parts.add(g.add(part, new Op.SelectChannels(IntStream.range(first, first + width).toArray()), part,
                    split.value()));
        }
        return new OnnxValue.Contiguous(List.copyOf(parts),
                new long[]{1, split.anchors(), s.height(), s.width(), width});
    }

    /** Returns the parts of contiguous values after an operator on each; what it is depends upon a part's channels. */
    static List<String> eachPart(OnnxGraph g, NodeProto node, int output, String name, OnnxValue.Contiguous c,
            IntFunction<Op> op) {
        g.derive(c.parts().size());
        List<String> parts = new ArrayList<>();
        for (String part : c.parts()) {
            String suffix = "/" + parts.size();
            parts.add(g.add(name + suffix, op.apply(g.builder().shape(part).channels()),
                    node.getOutput(output) + suffix, part));
        }
        return List.copyOf(parts);
    }

    /** Returns the axis that runs over channels, or -1 when a value has none such. */
    static int channelAxis(OnnxValue value, int rank) {
        return switch (value) {
            case OnnxValue.FeatureMap map -> 1;
            case OnnxValue.Rows rows -> 2;
            case OnnxValue.Contiguous c -> rank - 1;
            default -> -1;
        };
    }

    private static boolean isMap(OnnxGraph g, OnnxValue.Contiguous c) {
        Shape s = g.builder().shape(c.parts().get(0));
        return c.parts().size() == 1
                && Arrays.equals(c.dims(), new long[]{1, s.height(), s.width(), s.channels()});
    }

    static void reshape(OnnxGraph g, NodeProto node, String name, OnnxAttributes a) {
        OnnxValue x = g.value(node, 0);
        long[] from = dims(g, x);
        long[] to = switch (node.getOpType()) {
            case "Flatten" -> flattened(from, a.integer("axis", 1));
            case "Squeeze" -> squeezed(from, axes(g, node, a));
            case "Unsqueeze" -> unsqueezed(from, axes(g, node, a));
            default -> resolved(from, ints(g, node, 1), a.integer("allowzero", 0) != 0);
        };
        String what = Arrays.toString(from) + " to " + Arrays.toString(to);
        if (x instanceof OnnxValue.Constant c) {
            int[] narrow = Arrays.stream(to).mapToInt(Math::toIntExact).toArray();
            g.define(node, new OnnxValue.Constant(new Tensor(narrow, c.tensor().floats(), c.tensor().ints())));
            return;
        }
        need(to.length > 0 && to[0] == 1, "reshaping " + what + " does not keep the batch axis");
        if (Arrays.equals(from, to) && x instanceof OnnxValue.FeatureMap) {
            g.define(node, x);
            return;
        }
        if (x instanceof OnnxValue.Shuffled s && to.length == 4 && isShape(to, g.builder().shape(s.value()))) {
            shuffle(g, node, name, s);
            return;
        }
        if (x instanceof OnnxValue.SplitChannels s && to.length == 4 && isShape(to, g.builder().shape(s.value()))) {
            g.emit(node, name, new Op.Activate(Activation.NONE), false, s.value());
            return;
        }
        if (x instanceof OnnxValue.Contiguous c && to.length == 4 && c.parts().size() == 1
                && g.builder().shape(c.parts().get(0)).sites() == 1
                && isShape(to, g.builder().shape(c.parts().get(0)))) {
            g.define(node, new OnnxValue.FeatureMap(c.parts().get(0)));
            return;
        }
        if (x instanceof OnnxValue.FeatureMap map) {
            Shape s = g.builder().shape(map.value());
            if (to.length == 2 && s.sites() > 1 && s.channels() > 1) {
                g.define(node, new OnnxValue.Flat(map.value()));
                return;
            }
            if (to.length == 5 && to[1] * to[2] == s.channels() && to[3] == s.height() && to[4] == s.width()) {
                g.define(node, new OnnxValue.SplitChannels(map.value(), (int) to[1]));
                return;
            }
            need(s.sites() == 1 || s.channels() == 1,
                    "reshaping a feature map " + what + " needs Transpose(0, 2, 3, 1) before it");
        }
        List<String> parts = switch (x) {
            case OnnxValue.FeatureMap map -> List.of(map.value());
            case OnnxValue.Rows rows -> List.of(rows.value());
            case OnnxValue.Contiguous c -> c.parts();
            default -> throw new ModelFormatException(
                    "reshaping " + what + " of " + OnnxOperators.kind(x) + " is not supported");
        };
        if (to.length == 3) {
            rows(g, node, name, parts, to[2]);
        } else {
            g.define(node, new OnnxValue.Contiguous(parts, to));
        }
    }

    private static boolean isShape(long[] dims, Shape s) {
        return Arrays.equals(dims, new long[]{1, s.channels(), s.height(), s.width()});
    }

    /** Channels of the parts in turn: the second half of a channel shuffle. */
    private static void shuffle(OnnxGraph g, NodeProto node, String name, OnnxValue.Shuffled s) {
        int channels = g.builder().shape(s.value()).channels();
        int width = channels / s.anchors();
        g.derive(channels);
        int[] from = new int[channels];
        Arrays.setAll(from, c -> c % s.anchors() * width + c / s.anchors());
        g.emit(node, name, new Op.SelectChannels(from), false, s.value());
    }

    /** Makes an output of contiguous values: rows as wide as their last axis. */
    static String rowsOf(OnnxGraph g, String name, OnnxValue.Contiguous c) {
        long width = c.dims()[c.dims().length - 1];
        List<String> cuts = new ArrayList<>();
        for (String part : c.parts()) {
            int channels = g.builder().shape(part).channels();
            need(width > 0 && channels % width == 0, "output '" + name + "': rows of " + width
                    + " values do not divide the " + channels + " channels of '" + part + "'");
            String cut = c.parts().size() == 1 ? name : name + "/rows/" + cuts.size();
            cuts.add(g.add(cut, new Op.HeadRows((int) width), cut, part));
        }
        return cuts.size() == 1 ? name : g.add(name, new Op.JoinRows(), name, cuts.toArray(String[]::new));
    }

    /** Cuts contiguous values into rows of one width. */
    private static void rows(OnnxGraph g, NodeProto node, String name, List<String> parts, long width) {
        for (String part : parts) {
            Shape s = g.builder().shape(part);
            need(width > 0 && s.channels() % width == 0,
                    "rows of " + width + " values do not divide the " + s.channels()
                            + " channels of '" + part + "'");
        }
        Op cut = new Op.HeadRows((int) width);
        if (parts.size() == 1) {
            g.emit(node, name, cut, true, parts.get(0));
            return;
        }
        String[] cuts = new String[parts.size()];
        for (int i = 0; i < cuts.length; i++) {
            cuts[i] = g.builder().add(name + "/" + i, cut, node.getOutput(0) + "/" + i, parts.get(i));
        }
        g.emit(node, name, new Op.JoinRows(), true, cuts);
    }

    static void concat(OnnxGraph g, NodeProto node, String name, OnnxAttributes a) {
        need(node.getInputCount() > 0, "has no input");
        need(a.has("axis"), "attribute axis is missing");
        List<OnnxValue> in = new ArrayList<>();
        for (int i = 0; i < node.getInputCount(); i++) {
            in.add(g.value(node, i));
        }
        int rank = dims(g, in.get(0)).length;
        long axis = a.integer("axis", 0) < 0 ? a.integer("axis", 0) + rank : a.integer("axis", 0);
        if (in.stream().allMatch(OnnxValue.FeatureMap.class::isInstance) && axis == 1) {
            g.emit(node, name, new Op.Concat(), false,
                    in.stream().map(v -> ((OnnxValue.FeatureMap) v).value()).toArray(String[]::new));
        } else if (in.stream().allMatch(OnnxValue.Rows.class::isInstance) && (axis == 1 || axis == 2)) {
            g.emit(node, name, axis == 1 ? new Op.JoinRows() : new Op.Concat(), true,
                    in.stream().map(v -> ((OnnxValue.Rows) v).value()).toArray(String[]::new));
        } else if (in.stream().allMatch(OnnxValue.Contiguous.class::isInstance) && axis == 1) {
            join(g, node, in);
        } else {
            throw new ModelFormatException(
                    "along axis " + axis + " of " + in.stream().map(OnnxOperators::kind).distinct()
                            .limit(3).toList() + " is not supported (maps and rows along axis 1 are)");
        }
    }

    private static void join(OnnxGraph g, NodeProto node, List<OnnxValue> in) {
        List<String> parts = new ArrayList<>();
        long[] dims = dims(g, in.get(0)).clone();
        need(dims.length > 1, "has an input without axis 1");
        long total = 0;
        for (OnnxValue v : in) {
            OnnxValue.Contiguous c = (OnnxValue.Contiguous) v;
            long[] d = c.dims().clone();
            need(d.length == dims.length, "inputs differ in rank");
            total += d[1];
            d[1] = dims[1];
            need(Arrays.equals(d, dims), "inputs " + c + " and " + in.get(0) + " do not fit");
            parts.addAll(c.parts());
        }
        g.derive(parts.size());
        need(total <= Shape.MAX_VALUES, "too many values");
        dims[1] = total;
        g.define(node, new OnnxValue.Contiguous(List.copyOf(parts), dims));
    }

    private static OnnxValue contiguous(String part, long... dims) {
        return new OnnxValue.Contiguous(List.of(part), dims);
    }

    /** Returns the dims that a value has in ONNX. */
    static long[] dims(OnnxGraph g, OnnxValue value) {
        return switch (value) {
            case OnnxValue.Constant c -> Arrays.stream(c.tensor().dims()).asLongStream().toArray();
            case OnnxValue.FeatureMap map -> {
                Shape s = g.builder().shape(map.value());
                yield new long[]{1, s.channels(), s.height(), s.width()};
            }
            case OnnxValue.Rows rows -> {
                Shape s = g.builder().shape(rows.value());
                yield new long[]{1, s.height(), s.channels()};
            }
            case OnnxValue.SplitChannels split -> {
                Shape s = g.builder().shape(split.value());
                yield new long[]{1, split.anchors(), s.channels() / split.anchors(), s.height(), s.width()};
            }
            case OnnxValue.Shuffled s -> {
                Shape shape = g.builder().shape(s.value());
                yield new long[]{1, shape.channels() / s.anchors(), s.anchors(), shape.height(), shape.width()};
            }
            case OnnxValue.Flat f -> new long[]{1, g.builder().shape(f.value()).values()};
            case OnnxValue.Contiguous c -> c.dims();
        };
    }

    /** Returns the target of a Reshape with its 0 (copy) and -1 (whatever remains) filled in. */
    private static long[] resolved(long[] from, long[] target, boolean allowZero) {
        long[] to = target.clone();
        int open = -1;
        long known = 1;
        long total = product(from);
        for (int i = 0; i < to.length; i++) {
            if (to[i] == 0 && !allowZero) {
                need(i < from.length, "target " + Arrays.toString(target) + " copies axis " + i + ", which the input "
                        + Arrays.toString(from) + " has not");
                to[i] = from[i];
            }
            if (to[i] == -1) {
                need(open < 0, "target " + Arrays.toString(target) + " has two open axes");
                open = i;
            } else {
                need(to[i] >= 0 && to[i] <= Shape.MAX_VALUES, "target " + Arrays.toString(target) + " is out of range");
                known = Math.min(known * to[i], Shape.MAX_VALUES + 1);
            }
        }
        if (open >= 0) {
            need(known > 0 && total % known == 0,
                    "shape " + Arrays.toString(from) + " cannot become " + Arrays.toString(target));
            to[open] = total / known;
        }
        need(product(to) == total, "shape " + Arrays.toString(from) + " cannot become " + Arrays.toString(target));
        return to;
    }

    private static long product(long[] dims) {
        long n = 1;
        for (long d : dims) {
            n = Math.min(n * d, Shape.MAX_VALUES + 1);
        }
        return n;
    }

    private static long[] flattened(long[] from, long axis) {
        need(axis >= -from.length && axis <= from.length, "axis " + axis + " is out of range");
        int at = (int) (axis < 0 ? axis + from.length : axis);
        return new long[]{product(Arrays.copyOf(from, at)), product(Arrays.copyOfRange(from, at, from.length))};
    }

    private static long[] squeezed(long[] from, long[] axes) {
        List<Long> out = new ArrayList<>();
        for (int i = 0; i < from.length; i++) {
            int axis = i;
            boolean named = axes == null
                    ? from[i] == 1
                    : Arrays.stream(axes).anyMatch(v -> v == axis || v == axis - from.length);
            need(!named || from[i] == 1, "axis " + i + " of " + Arrays.toString(from) + " is not 1");
            if (!named) {
                out.add(from[i]);
            }
        }
        return out.stream().mapToLong(Long::longValue).toArray();
    }

    private static long[] unsqueezed(long[] from, long[] axes) {
        need(axes != null && axes.length <= 8, "axes are missing or too many");
        long[] out = new long[from.length + axes.length];
        for (long axis : axes) {
            long at = axis < 0 ? axis + out.length : axis;
            need(at >= 0 && at < out.length && out[(int) at] == 0,
                    "axes " + Arrays.toString(axes) + " are out of range");
            out[(int) at] = 1;
        }
        int next = 0;
        for (int i = 0; i < out.length; i++) {
            if (out[i] == 0) {
                out[i] = from[next++];
            }
        }
        return out;
    }

    private static long[] axes(OnnxGraph g, NodeProto node, OnnxAttributes a) {
        return g.optional(node, 1) == null ? a.list("axes") : ints(g, node, 1);
    }

    private static long[] ints(OnnxGraph g, NodeProto node, int i) {
        Tensor t = g.constant(node, i);
        need(t != null && !t.isFloat() && t.size() <= 8, "input " + i + " must be a constant vector of few integers");
        return t.ints();
    }
}
