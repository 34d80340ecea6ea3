package io.fovea.format;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages ONNX files: their bytes, or what a well-formed file says. */
final class OnnxMutator {
    private static final long[] EXTREMES = {0, -1, -2, 1, 2, 3, 7, 255, 65_536, 1 << 20, Integer.MAX_VALUE, 1L << 31,
            1L << 40, Long.MAX_VALUE, Long.MIN_VALUE, Integer.MIN_VALUE};
    private static final List<String> OPERATORS = List.of("Conv", "BatchNormalization", "Relu", "Clip", "Sigmoid",
            "Add",
            "Mul", "Sub", "Div", "Concat", "MaxPool", "AveragePool", "GlobalAveragePool", "Resize", "Upsample",
            "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Shape", "Gather", "Cast", "Slice", "Split",
            "Pad",
            "Softmax", "ConvTranspose", "MatMul", "Gemm", "ConstantOfShape", "Expand", "Tile", "Range", "Identity",
            "Constant", "Dropout", "ReduceL2", "LpNormalization", "PRelu", "LeakyRelu", "Elu", "HardSigmoid",
            "HardSwish",
            "Tanh", "Exp", "Sqrt", "Pow", "NonMaxSuppression", "Loop", "If", "Scan", "QuantizeLinear",
            "DequantizeLinear");

    private final Random random;

    OnnxMutator(long seed) {
        random = new Random(seed);
    }

    /** Returns a damaged copy. */
    byte[] damage(ModelProto model) {
        if (random.nextInt(4) == 0) {
            return bytes(model.toByteArray());
        }
        ModelProto.Builder damaged = model.toBuilder();
        for (int i = 0; i <= random.nextInt(3); i++) {
            content(damaged);
        }
        return damaged.build().toByteArray();
    }

    private byte[] bytes(byte[] file) {
        switch (random.nextInt(4)) {
            case 0 -> {
                return Arrays.copyOf(file, random.nextInt(file.length));
            }
            case 1 -> {
                int at = random.nextInt(file.length);
                int end = Math.min(file.length, at + 1 + random.nextInt(40));
                Arrays.fill(file, at, end, (byte) random.nextInt());
            }
            case 2 -> {
                int from = random.nextInt(file.length);
                int to = random.nextInt(file.length);
                int count = Math.min(random.nextInt(200), file.length - Math.max(from, to));
                System.arraycopy(file, from, file, to, count);
            }
            default -> {
                for (int i = 0; i <= random.nextInt(10); i++) {
                    file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
        }
        return file;
    }

    private long extreme() {
        return EXTREMES[random.nextInt(EXTREMES.length)];
    }

    private void content(ModelProto.Builder model) {
        GraphProto.Builder graph = model.getGraphBuilder();
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> tensor(graph);
            case 3, 4, 5 -> attribute(graph);
            case 6, 7, 8 -> wiring(graph);
            case 9 -> graph.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().getShapeBuilder()
                    .getDimBuilder(random.nextInt(4)).setDimValue(extreme());
            case 10 -> model.getOpsetImportBuilder(0).setVersion(extreme());
            default -> metadata(model);
        }
    }

    private void tensor(GraphProto.Builder graph) {
        if (graph.getInitializerCount() == 0) {
            return;
        }
        int at = random.nextInt(graph.getInitializerCount());
        TensorProto.Builder tensor = graph.getInitializerBuilder(at);
        switch (random.nextInt(8)) {
            case 0 -> graph.removeInitializer(at);
            case 1 -> tensor.addDims(extreme());
            case 2 -> {
                if (tensor.getDimsCount() > 0) {
                    tensor.setDims(random.nextInt(tensor.getDimsCount()), extreme());
                }
            }
            case 3 -> tensor.setRawData(tensor.getRawData().substring(random.nextInt(tensor.getRawData().size() + 1)));
            case 4 -> tensor.setDataType(random.nextInt(25) - 2);
            case 5 -> tensor.setDataLocation(TensorProto.DataLocation.EXTERNAL).addExternalData(
                    StringStringEntryProto.newBuilder().setKey("location").setValue("../../../../../../etc/passwd"));
            case 6 -> tensor.clearDims();
            default -> {
                byte[] noise = new byte[tensor.getRawData().size()];
                random.nextBytes(noise);
                tensor.setRawData(ByteString.copyFrom(noise));
            }
        }
    }

    private void attribute(GraphProto.Builder graph) {
        NodeProto.Builder node = graph.getNodeBuilder(random.nextInt(graph.getNodeCount()));
        if (node.getAttributeCount() == 0) {
            node.addAttribute(ProtoGraph.integer("axis", extreme()));
            return;
        }
        int at = random.nextInt(node.getAttributeCount());
        AttributeProto.Builder attribute = node.getAttributeBuilder(at);
        switch (random.nextInt(5)) {
            case 0 -> node.removeAttribute(at);
            case 1 -> attribute.setI(extreme()).setF(Float.intBitsToFloat(random.nextInt()));
            case 2 -> attribute.addInts(extreme());
            case 3 -> attribute.setType(
                    AttributeProto.AttributeType.values()[random
                            .nextInt(AttributeProto.AttributeType.values().length)]);
            default -> {
                for (int i = 0; i < attribute.getIntsCount(); i++) {
                    if (random.nextBoolean()) {
                        attribute.setInts(i, extreme());
                    }
                }
            }
        }
    }

    private void wiring(GraphProto.Builder graph) {
        int at = random.nextInt(graph.getNodeCount());
        NodeProto.Builder node = graph.getNodeBuilder(at);
        NodeProto other = graph.getNode(random.nextInt(graph.getNodeCount()));
        switch (random.nextInt(8)) {
            case 0 -> graph.removeNode(at);
            case 1 -> node.setOpType(OPERATORS.get(random.nextInt(OPERATORS.size())));
            case 2 -> {
                if (node.getInputCount() > 0 && other.getOutputCount() > 0) {
                    node.setInput(random.nextInt(node.getInputCount()), other.getOutput(0));
                }
            }
            case 3 -> {
                if (other.getOutputCount() > 0) {
                    node.addInput(other.getOutput(0));
                }
            }
            case 4 -> {
                if (node.getOutputCount() > 0 && other.getOutputCount() > 0) {
                    node.setOutput(0, other.getOutput(0));
                }
            }
            case 5 -> node.clearInput();
            case 6 -> {
                NodeProto self = node.build();
                graph.setNode(at, other).addNode(self);
            }
            default -> graph.getOutputBuilder(random.nextInt(graph.getOutputCount()))
                    .setName(other.getOutputCount() > 0 ? other.getOutput(0) : "");
        }
    }

    private void metadata(ModelProto.Builder model) {
        if (model.getMetadataPropsCount() == 0) {
            return;
        }
        StringStringEntryProto.Builder entry = model.getMetadataPropsBuilder(
                random.nextInt(model.getMetadataPropsCount()));
        StringBuilder text = new StringBuilder(entry.getValue());
        for (int i = 0; i <= random.nextInt(4) && !text.isEmpty(); i++) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(4)) {
                case 0 -> text.setCharAt(at, (char) (32 + random.nextInt(95)));
                case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(30)));
                case 2 -> text.insert(at, extreme());
                default -> text.insert(at, text.substring(at, Math.min(text.length(), at + random.nextInt(40))));
            }
        }
        entry.setValue(text.toString());
    }
}
