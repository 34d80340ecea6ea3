package io.fovea.format;

import static io.fovea.format.OnnxOperators.need;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.fovea.graph.Activation;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import java.util.List;

/** Reads Gemm and MatMul by constant weights: on rows a pointwise convolution, on a map as a vector a convolution as large as the map. */
final class OnnxMatrix {
    private OnnxMatrix() {
    }

    static void read(OnnxGraph g, NodeProto node, String name, OnnxAttributes a) {
        boolean gemm = node.getOpType().equals("Gemm");
        OnnxValue x = g.value(node, 0);
        Tensor w = g.weights(node, 1);
        need(w.rank() == 2 && w.size() > 0, "the second factor must be a matrix, it has shape " + w.shape());
        need(a.integer("transA", 0) == 0, "transA is not supported");
        boolean turned = a.integer("transB", 0) != 0;
        int out = w.dims()[turned ? 0 : 1];
        int in = w.dims()[turned ? 1 : 0];
        float alpha = gemm ? a.real("alpha", 1f) : 1f;
        g.derive(w.size() + (long) out);
        float[] weights = new float[w.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = alpha * w.floats()[turned ? i : i % in * out + i / in];
        }
        float[] bias = new float[out];
        if (gemm && g.optional(node, 2) != null) {
            Tensor c = g.weights(node, 2);
            need(c.size() == out || c.size() == 1, "the summand has shape " + c.shape() + " for " + out + " columns");
            for (int i = 0; i < out; i++) {
                bias[i] = a.real("beta", 1f) * c.floats()[c.size() == 1 ? 0 : i];
            }
        }
        switch (x) {
            case OnnxValue.Rows rows -> {
                fits(in, g.builder().shape(rows.value()).channels());
                g.emit(node, name, new Op.Conv(Window.POINTWISE, 1, out, weights, bias, Activation.NONE), true,
                        rows.value());
            }
            case OnnxValue.Flat flat -> vector(g, node, name, flat.value(), in, out, weights, bias);
            case OnnxValue.Contiguous c when c.parts().size() == 1 && c.dims().length == 2
                    && g.builder().shape(c.parts().getFirst()).sites() == 1 ->
                vector(g, node, name, c.parts().getFirst(), in, out, weights, bias);
            default -> throw new ModelFormatException("of " + OnnxOperators.kind(x)
                    + " is not supported (of rows and of maps as vectors is)");
        }
    }

    private static void vector(OnnxGraph g, NodeProto node, String name, String map, int in, int out, float[] weights,
            float[] bias) {
        Shape s = g.builder().shape(map);
        fits(in, s.values());
        Window all = new Window(s.height(), s.width(), 1, 1, 0, 0, 0, 0, 1, 1);
        String result = g.add(name, new Op.Conv(all, 1, out, weights, bias, Activation.NONE), node.getOutput(0), map);
        g.define(node, new OnnxValue.Contiguous(List.of(result), new long[]{1, out}));
    }

    private static void fits(int in, int has) {
        need(in == has, "the matrix has " + in + " rows for " + has + " values");
    }
}
