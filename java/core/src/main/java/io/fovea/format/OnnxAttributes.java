package io.fovea.format;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.HashMap;
import java.util.Map;

/** Typed access to the attributes of one ONNX node. */
final class OnnxAttributes {
    private final Map<String, AttributeProto> byName = new HashMap<>();

    OnnxAttributes(NodeProto node) {
        for (AttributeProto a : node.getAttributeList()) {
            byName.put(a.getName(), a);
        }
    }

    boolean has(String name) {
        return byName.containsKey(name);
    }

    AttributeProto get(String name) {
        return byName.get(name);
    }

    long integer(String name, long otherwise) {
        AttributeProto a = typed(name, AttributeProto.AttributeType.INT);
        return a == null ? otherwise : a.getI();
    }

    float real(String name, float otherwise) {
        AttributeProto a = typed(name, AttributeProto.AttributeType.FLOAT);
        return a == null ? otherwise : a.getF();
    }

    String text(String name, String otherwise) {
        AttributeProto a = typed(name, AttributeProto.AttributeType.STRING);
        return a == null ? otherwise : a.getS().toStringUtf8();
    }

    /** Returns an integer list of exactly the default's length, each value in {@code 0..65535}. */
    int[] integers(String name, int... otherwise) {
        AttributeProto a = typed(name, AttributeProto.AttributeType.INTS);
        if (a == null) {
            return otherwise;
        }
        if (a.getIntsCount() != otherwise.length) {
            throw new ModelFormatException("attribute " + name + " has " + a.getIntsCount() + " values, "
                    + otherwise.length + " are needed (only two spatial axes are supported)");
        }
        int[] out = new int[otherwise.length];
        for (int i = 0; i < out.length; i++) {
            long v = a.getInts(i);
            if (v < 0 || v > 65535) {
                throw new ModelFormatException("attribute " + name + " holds " + v + ", which is not within 0..65535");
            }
            out[i] = (int) v;
        }
        return out;
    }

    /** Returns an integer list of any length, or null when it is absent. */
    long[] list(String name) {
        AttributeProto a = typed(name, AttributeProto.AttributeType.INTS);
        return a == null ? null : a.getIntsList().stream().mapToLong(Long::longValue).toArray();
    }

    private AttributeProto typed(String name, AttributeProto.AttributeType type) {
        AttributeProto a = byName.get(name);
        if (a != null && a.getType() != type) {
            throw new ModelFormatException("attribute " + name + " is of type " + a.getType() + ", not " + type);
        }
        return a;
    }
}
