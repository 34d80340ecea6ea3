package io.fovea.format;

import static io.fovea.format.OnnxOperators.need;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.fovea.graph.Interpolation;
import io.fovea.graph.Interpolation.Coordinates;
import io.fovea.graph.Interpolation.Rounding;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Reads Resize (nearest and linear, along height and width) and says its attributes. */
final class OnnxResize {
    private OnnxResize() {
    }

    static void read(OnnxGraph g, NodeProto node, String name, OnnxAttributes a) {
        String x = g.map(node, 0);
        Shape in = g.builder().shape(x);
        need(a.integer("antialias", 0) == 0, "antialias is not supported");
        need(a.list("axes") == null, "attribute axes is not supported");
        need(a.text("keep_aspect_ratio_policy", "stretch").equals("stretch"), "only stretching is supported");
        Interpolation how = new Interpolation(switch (a.text("mode", "nearest")) {
            case "nearest" -> false;
            case "linear" -> true;
            default -> throw new ModelFormatException(
                    "mode '" + a.text("mode", "") + "' is not supported (nearest and linear are)");
        }, choice(Coordinates.class, a.text("coordinate_transformation_mode", "half_pixel"),
                "coordinate_transformation_mode"),
                choice(Rounding.class, a.text("nearest_mode", "round_prefer_floor"), "nearest_mode"));
        Tensor sizes = g.constant(node, 3);
        Tensor scales = g.constant(node, 2);
        if (sizes != null && sizes.size() > 0) {
            need(!sizes.isFloat() && sizes.size() == 4, "sizes must be four integers");
            long[] s = sizes.ints();
            need(s[0] == 1 && s[1] == in.channels(), "sizes change batch or channels");
            resize(g, node, name, x, s[2], s[3], (float) s[2] / in.height(), (float) s[3] / in.width(), how);
        } else {
            need(scales != null && scales.isFloat() && scales.size() == 4, "scales must be four floats");
            float[] s = scales.floats();
            need(s[0] == 1f && s[1] == 1f, "scales change batch or channels");
            resize(g, node, name, x, (long) (s[2] * in.height()), (long) (s[3] * in.width()), s[2], s[3], how);
        }
    }

    private static void resize(OnnxGraph g, NodeProto node, String name, String x, long height, long width,
            float scaleH, float scaleW, Interpolation how) {
        need(height >= 1 && width >= 1 && height <= 1 << 16 && width <= 1 << 16 && height * width <= Shape.MAX_VALUES,
                "the output would be " + height + "x" + width);
        g.emit(node, name, new Op.Resize((int) height, (int) width, scaleH, scaleW, how), false, x);
    }

    private static <E extends Enum<E>> E choice(Class<E> type, String text, String attribute) {
        for (E e : type.getEnumConstants()) {
            if (e.name().toLowerCase(Locale.ROOT).equals(text)) {
                return e;
            }
        }
        throw new ModelFormatException(attribute + " '" + text + "' is not supported");
    }

    /** Returns the attributes that say an interpolation. */
    static Map<String, String> attributes(Interpolation how) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("coordinate_transformation_mode", how.coordinates().name().toLowerCase(Locale.ROOT));
        all.put("mode", how.linear() ? "linear" : "nearest");
        if (!how.linear()) {
            all.put("nearest_mode", how.rounding().name().toLowerCase(Locale.ROOT));
        }
        return all;
    }
}
