package io.fovea.bench.verify;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.fovea.bench.Layouts;
import io.fovea.graph.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A model in ONNX Runtime. Used by one thread. */
final class PeerNet implements AutoCloseable {
    static final String NAME = "onnxruntime";

    private final OrtSession session;

    private PeerNet(byte[] model, int threads) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            session = OrtEnvironment.getEnvironment().createSession(model, options);
        }
    }

    /** Returns whether ONNX Runtime is on the class path and can be loaded. */
    static boolean isThere() {
        try {
            return OrtEnvironment.getEnvironment() != null;
        } catch (LinkageError | RuntimeException e) {
            return false;
        }
    }

    /** Opens a model as it stands. */
    static PeerNet open(Path file, int threads) throws OrtException, IOException {
        return new PeerNet(Files.readAllBytes(file), threads);
    }

    /** Opens a model whose every float value is an output too. */
    static PeerNet openWhole(Path file, int threads) throws OrtException, IOException {
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
        GraphProto.Builder graph = model.getGraph().toBuilder();
        Set<String> known = new HashSet<>();
        graph.getOutputList().forEach(output -> known.add(output.getName()));
        for (NodeProto node : model.getGraph().getNodeList()) {
            for (String value : node.getOutputList()) {
                if (!value.isEmpty() && known.add(value)) {
                    graph.addOutput(ValueInfoProto.newBuilder().setName(value));
                }
            }
        }
        return new PeerNet(model.toBuilder().setGraph(graph).build().toByteArray(), threads);
    }

    /**
     * Runs the model.
     *
     * @param nchw its input, {@code [channels][height][width]}
     * @param shape the input's shape
     * @return all float outputs by name, in ONNX's order
     */
    Map<String, float[]> run(float[] nchw, Shape shape) throws OrtException {
        String name = session.getInputNames().iterator().next();
        long[] dims = ((TensorInfo) session.getInputInfo().get(name).getInfo()).getShape();
        boolean channelsFirst = dims.length != 4 || dims[1] == shape.channels() || dims[3] != shape.channels();
        long[] given = channelsFirst
                ? new long[]{1, shape.channels(), shape.height(), shape.width()}
                : new long[]{1, shape.height(), shape.width(), shape.channels()};
        FloatBuffer buffer = FloatBuffer.wrap(channelsFirst ? nchw : Layouts.toRows(nchw, shape));
        Map<String, float[]> outputs = new LinkedHashMap<>();
        try (OnnxTensor input = OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), buffer, given);
                OrtSession.Result result = session.run(Map.of(name, input))) {
            for (Map.Entry<String, ai.onnxruntime.OnnxValue> entry : result) {
                if (entry.getValue() instanceof OnnxTensor tensor && tensor.getFloatBuffer() != null) {
                    float[] values = new float[tensor.getFloatBuffer().remaining()];
                    tensor.getFloatBuffer().get(values);
                    outputs.put(entry.getKey(), values);
                }
            }
        }
        return outputs;
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime could not close its session: " + e.getMessage(), e);
        }
    }
}
