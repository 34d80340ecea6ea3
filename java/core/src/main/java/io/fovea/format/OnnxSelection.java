package io.fovea.format;

import static io.fovea.format.OnnxOperators.need;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Reads Slice, Split and Gather: chosen channels of maps and rows, and cut-outs of maps. */
final class OnnxSelection {
    private OnnxSelection() {
    }

    static void slice(OnnxGraph g, NodeProto node, String name) {
        OnnxValue x = g.value(node, 0);
        long[] dims = OnnxShaping.dims(g, x);
        Tensor starts = g.constant(node, 1);
        Tensor ends = g.constant(node, 2);
        need(starts != null && ends != null, "starts and ends must be constant");
        long[][] bounds = bounds(dims.length, starts, ends, g.constant(node, 3), g.constant(node, 4));
        OnnxValue now = x;
        boolean crop = false;
        int[][] taken = new int[dims.length][];
        int cuts = 0;
        for (int axis = 0; axis < dims.length; axis++) {
            taken[axis] = bounds[axis] == null ? null : positions(dims[axis], bounds[axis]);
            if (taken[axis] != null && isAll(taken[axis], dims[axis])) {
                taken[axis] = null;
            }
            cuts += taken[axis] == null ? 0 : 1;
        }
        if (cuts == 0) {
            g.define(node, x);
            return;
        }
        if (x instanceof OnnxValue.FeatureMap map && (taken[2] != null || taken[3] != null)) {
            need(taken[0] == null, "slices the batch axis");
            Shape s = g.builder().shape(map.value());
            Op.Crop op = crop(taken[2], taken[3], s);
            if (taken[1] == null) {
                g.emit(node, name, op, false, map.value());
                return;
            }
            now = new OnnxValue.FeatureMap(
                    g.builder().add(name + "/crop", op, node.getOutput(0) + "/crop", map.value()));
            crop = true;
        }
        int axis = OnnxShaping.channelAxis(now, dims.length);
        need(taken[axis] != null && cuts - (crop ? (taken[2] == null ? 0 : 1) + (taken[3] == null ? 0 : 1) : 0) == 1,
                "of " + OnnxOperators.kind(x) + " is supported along its channels" + (x instanceof OnnxValue.FeatureMap
                        ? ", height and width"
                        : ""));
        select(g, node, 0, name, now, taken[axis]);
    }

    private static Op.Crop crop(int[] rows, int[] columns, Shape s) {
        int[] y = rows == null ? IntStream.range(0, s.height()).toArray() : rows;
        int[] x = columns == null ? IntStream.range(0, s.width()).toArray() : columns;
        need(y.length > 0 && x.length > 0, "leaves nothing");
        int stepH = y.length > 1 ? y[1] - y[0] : 1;
        int stepW = x.length > 1 ? x[1] - x[0] : 1;
        need(stepH > 0 && stepW > 0, "steps backwards through a map");
        return new Op.Crop(y[0], x[0], y.length, x.length, stepH, stepW);
    }

    static void split(OnnxGraph g, NodeProto node, String name, OnnxAttributes a) {
        OnnxValue x = g.value(node, 0);
        long[] dims = OnnxShaping.dims(g, x);
        long given = a.integer("axis", 0);
        long axis = given < 0 ? given + dims.length : given;
        need(axis == OnnxShaping.channelAxis(x, dims.length), "along axis " + given + " of " + OnnxOperators.kind(x)
                + " is not supported (along its channels is)");
        int outputs = node.getOutputCount();
        Tensor sizes = g.constant(node, 1);
        long[] parts = sizes != null ? sizes.ints() : a.list("split");
        if (parts == null) {
            long each = (dims[(int) axis] + outputs - 1) / outputs;
            parts = new long[outputs];
            Arrays.fill(parts, each);
            parts[outputs - 1] = dims[(int) axis] - each * (outputs - 1);
        }
        need(parts.length == outputs && Arrays.stream(parts).allMatch(p -> p > 0 && p <= dims[(int) axis])
                && Arrays.stream(parts).sum() == dims[(int) axis],
                "parts " + Arrays.toString(parts) + " of "
                        + dims[(int) axis] + " channels for " + outputs + " outputs");
        int first = 0;
        for (int i = 0; i < outputs; i++) {
            select(g, node, i, name, x, IntStream.range(first, first + (int) parts[i]).toArray());
            first += (int) parts[i];
        }
    }

    static void gather(OnnxGraph g, NodeProto node, String name, OnnxAttributes a) {
        OnnxValue x = g.value(node, 0);
        long[] dims = OnnxShaping.dims(g, x);
        long given = a.integer("axis", 0);
        long axis = given < 0 ? given + dims.length : given;
        Tensor index = g.constant(node, 1);
        need(index != null && !index.isFloat() && index.rank() == 1 && index.size() > 0,
                "indices must be a constant vector of integers");
        need(axis == OnnxShaping.channelAxis(x, dims.length), "along axis " + given + " of " + OnnxOperators.kind(x)
                + " is not supported (along its channels is)");
        int[] taken = new int[index.size()];
        for (int i = 0; i < taken.length; i++) {
            long v = index.ints()[i] < 0 ? index.ints()[i] + dims[(int) axis] : index.ints()[i];
            need(v >= 0 && v < dims[(int) axis], "index " + index.ints()[i] + " is out of range");
            taken[i] = (int) v;
        }
        select(g, node, 0, name, x, taken);
    }

    /** Writes chosen channels as output {@code i} of a node. */
    private static void select(OnnxGraph g, NodeProto node, int i, String name, OnnxValue x, int[] taken) {
        g.derive(taken.length);
        need(taken.length > 0, "leaves nothing");
        switch (x) {
            case OnnxValue.FeatureMap map -> g.emit(node, i, name, new Op.SelectChannels(taken), false, map.value());
            case OnnxValue.Rows rows -> g.emit(node, i, name, new Op.SelectChannels(taken), true, rows.value());
            case OnnxValue.Contiguous c -> {
                int width = (int) c.dims()[c.dims().length - 1];
                long[] dims = c.dims().clone();
                dims[dims.length - 1] = taken.length;
                g.define(node, i, new OnnxValue.Contiguous(OnnxShaping.eachPart(g, node, i, name, c, channels -> {
                    int[] all = new int[channels / width * taken.length];
                    g.derive(all.length);
                    Arrays.setAll(all, k -> k / taken.length * width + taken[k % taken.length]);
                    return new Op.SelectChannels(all);
                }), dims));
            }
            default -> throw new ModelFormatException("of " + OnnxOperators.kind(x) + " is not supported");
        }
    }

    /** Returns start, end and step for each axis that is sliced, null for the others. */
    static long[][] bounds(int rank, Tensor starts, Tensor ends, Tensor axes, Tensor steps) {
        int n = starts.size();
        need(!starts.isFloat() && !ends.isFloat() && ends.size() == n && (axes == null || axes.size() == n)
                && (steps == null || steps.size() == n) && n <= rank, "starts, ends, axes and steps differ in size");
        long[][] bounds = new long[rank][];
        for (int i = 0; i < n; i++) {
            long axis = axes == null ? i : axes.ints()[i];
            axis = axis < 0 ? axis + rank : axis;
            need(axis >= 0 && axis < rank && bounds[(int) axis] == null, "axis " + axis + " is out of range or twice");
            bounds[(int) axis] = new long[]{starts.ints()[i], ends.ints()[i], steps == null ? 1 : steps.ints()[i]};
        }
        return bounds;
    }

    /** Returns the positions that a slice takes of an axis. */
    static int[] positions(long size, long[] bounds) {
        long step = bounds[2];
        need(step != 0 && size <= Shape.MAX_VALUES, "step is 0");
        long start = bounds[0] < 0 ? bounds[0] + size : bounds[0];
        long end = bounds[1] < 0 ? Math.max(bounds[1], -size - 1) + size : bounds[1];
        start = step > 0 ? Math.clamp(start, 0, size) : Math.clamp(start, 0, size - 1);
        end = step > 0 ? Math.clamp(end, 0, size) : Math.clamp(end, -1, size - 1);
        long count = step > 0 ? ceil(end - start, step) : ceil(start - end, -Math.max(step, -size - 1));
        int[] taken = new int[(int) Math.max(0, count)];
        for (int i = 0; i < taken.length; i++) {
            taken[i] = (int) (start + i * step);
        }
        return taken;
    }

    private static long ceil(long length, long step) {
        return length <= 0 ? 0 : (length - 1) / step + 1;
    }

    private static boolean isAll(int[] taken, long size) {
        return taken.length == size && IntStream.range(0, taken.length).allMatch(i -> taken[i] == i);
    }
}
