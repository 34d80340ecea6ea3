package io.fovea.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.fovea.graph.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * ONNX Runtime's CPU provider with its defaults (all optimisations, spinning allowed) and a fixed number of threads. The input
 * tensor is made once; a run takes the session call alone.
 */
final class OnnxRuntimeEngine implements Engine {
    static final String NAME = "onnxruntime";

    private final OrtSession session;
    private final OnnxTensor input;
    private final boolean channelsFirst;
    private final Shape shape;
    private float[] values;
    private final FloatBuffer buffer;
    private final Map<String, OnnxTensor> inputs;

    /**
     * Opens a model.
     *
     * @param model the ONNX file
     * @param threads threads within an operator
     * @param nhwc the input, {@code [height][width][channels]}
     * @param shape its shape
     */
    OnnxRuntimeEngine(Path model, int threads, float[] nhwc, Shape shape) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            session = environment.createSession(model.toString(), options);
        }
        this.shape = shape;
        String name = session.getInputNames().iterator().next();
        long[] wanted = ((TensorInfo) session.getInputInfo().get(name).getInfo()).getShape();
        channelsFirst = wanted.length == 4 && wanted[1] == shape.channels();
        values = channelsFirst ? Layouts.toMaps(nhwc, shape) : nhwc;
        buffer = ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.nativeOrder()).asFloatBuffer();
        long[] dimensions = channelsFirst
                ? new long[]{1, shape.channels(), shape.height(), shape.width()}
                : new long[]{1, shape.height(), shape.width(), shape.channels()};
        input = OnnxTensor.createTensor(environment, buffer, dimensions);
        inputs = Map.of(name, input);
    }

    /** Takes another input, {@code [height][width][channels]}, from the next {@link #prepare} on. */
    void input(float[] nhwc) {
        values = channelsFirst ? Layouts.toMaps(nhwc, shape) : nhwc;
    }

    static String version() {
        return OrtEnvironment.getEnvironment().getVersion();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String tier() {
        return "cpu";
    }

    @Override
    public void prepare() {
        buffer.put(0, values);
    }

    @Override
    public void run() throws OrtException {
        session.run(inputs).close();
    }

    @Override
    public Map<String, float[]> outputs() throws OrtException {
        prepare();
        Map<String, float[]> outputs = new LinkedHashMap<>();
        try (OrtSession.Result result = session.run(inputs)) {
            for (Map.Entry<String, ai.onnxruntime.OnnxValue> entry : result) {
                FloatBuffer read = ((OnnxTensor) entry.getValue()).getFloatBuffer();
                float[] copy = new float[read.remaining()];
                read.get(copy);
                outputs.put(entry.getKey(), copy);
            }
        }
        return outputs;
    }

    @Override
    public void close() {
        input.close();
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime could not close its session: " + e.getMessage(), e);
        }
    }
}
