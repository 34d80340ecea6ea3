package io.fovea.bench;

import ai.onnxruntime.OrtException;
import io.fovea.cli.DensePeer;
import io.fovea.graph.Shape;
import java.nio.file.Path;

/** ONNX Runtime for {@code fovea eval --peer}. */
public final class OnnxRuntimePeer implements DensePeer {

    /** Used by the service loader. */
    public OnnxRuntimePeer() {
    }

    @Override
    public String name() {
        return OnnxRuntimeEngine.NAME;
    }

    @Override
    public Run open(Path model, int threads, float[] nhwc, Shape shape) {
        OnnxRuntimeEngine engine;
        try {
            engine = new OnnxRuntimeEngine(model, threads, nhwc, shape);
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime cannot open " + model + ": " + e.getMessage(), e);
        }
        return new Run() {
            @Override
            public void run() {
                engine.prepare();
                try {
                    engine.run();
                } catch (OrtException e) {
                    throw new IllegalStateException("ONNX Runtime failed: " + e.getMessage(), e);
                }
            }

            @Override
            public void close() {
                engine.close();
            }
        };
    }
}
