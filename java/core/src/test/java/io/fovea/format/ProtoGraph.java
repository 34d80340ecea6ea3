package io.fovea.format;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts ONNX files together by hand, as other exporters would write them. */
final class ProtoGraph {
    final GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
    int opset = 13;

    ProtoGraph input(String name, long... dims) {
        graph.addInput(info(name, dims));
        return this;
    }

    ProtoGraph output(String name, long... dims) {
        graph.addOutput(info(name, dims));
        return this;
    }

    /** Adds a node; inputs and outputs are separated by "->" in {@code wiring}, names by spaces, "-" is an absent input. */
    ProtoGraph node(String op, String wiring, AttributeProto... attributes) {
        String[] sides = wiring.split("->");
        NodeProto.Builder node = NodeProto.newBuilder().setOpType(op).setName(sides[1].strip() + "_node");
        for (String in : sides[0].strip().split(" ")) {
            if (!in.isEmpty()) {
                node.addInput(in.equals("-") ? "" : in);
            }
        }
        for (String out : sides[1].strip().split(" ")) {
            node.addOutput(out);
        }
        for (AttributeProto a : attributes) {
            node.addAttribute(a);
        }
        graph.addNode(node);
        return this;
    }

    ProtoGraph floats(String name, long[] dims, float... values) {
        graph.addInitializer(OnnxTensors.encode(name, dims, values));
        return this;
    }

    /** Adds seeded values. */
    ProtoGraph noise(String name, long... dims) {
        int n = 1;
        for (long d : dims) {
            n *= (int) d;
        }
        return floats(name, dims, OnnxRuntime.noise(name.hashCode(), n));
    }

    /** Adds seeded signed bytes. */
    ProtoGraph bytes(String name, long... dims) {
        TensorProto.Builder t = TensorProto.newBuilder().setName(name)
                .setDataType(TensorProto.DataType.INT8.getNumber());
        int n = 1;
        for (long d : dims) {
            t.addDims(d);
            n *= (int) d;
        }
        byte[] values = new byte[n];
        new java.util.Random(name.hashCode()).nextBytes(values);
        graph.addInitializer(t.setRawData(com.google.protobuf.ByteString.copyFrom(values)));
        return this;
    }

    ProtoGraph vector(String name, long... values) {
        graph.addInitializer(OnnxTensors.encode(name, values));
        return this;
    }

    static long[] dims(long... dims) {
        return dims;
    }

    static AttributeProto ints(String name, int first, int... more) {
        AttributeProto.Builder a = AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS)
                .addInts(first);
        for (int v : more) {
            a.addInts(v);
        }
        return a.build();
    }

    static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value).build();
    }

    static AttributeProto real(String name, float value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.FLOAT).setF(value)
                .build();
    }

    static AttributeProto text(String name, String value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.STRING)
                .setS(com.google.protobuf.ByteString.copyFromUtf8(value)).build();
    }

    private static ValueInfoProto info(String name, long... dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long d : dims) {
            TensorShapeProto.Dimension.Builder dim = shape.addDimBuilder();
            if (d < 0) {
                dim.setDimParam("N");
            } else {
                dim.setDimValue(d);
            }
        }
        return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder().setTensorType(TypeProto.Tensor
                .newBuilder().setElemType(TensorProto.DataType.FLOAT.getNumber()).setShape(shape))).build();
    }

    ModelProto model() {
        return ModelProto.newBuilder().setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset)).setGraph(graph)
                .build();
    }

    Path write(Path folder) throws IOException {
        return Files.write(folder.resolve("test.onnx"), model().toByteArray());
    }
}
