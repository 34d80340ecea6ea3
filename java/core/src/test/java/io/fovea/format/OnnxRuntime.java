package io.fovea.format;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Runs an ONNX file in ONNX Runtime on one thread: the judge of what a file means. */
public final class OnnxRuntime {
    private OnnxRuntime() {
    }

    /** Returns all outputs for an input in NCHW. */
    public static Map<String, float[]> run(Path file, float[] input, long... dims) {
        OrtEnvironment env = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            try (OrtSession session = env.createSession(file.toString(), options);
                    OnnxTensor tensor = OnnxTensor.createTensor(env, FloatBuffer.wrap(input), dims);
                    OrtSession.Result result = session
                            .run(Map.of(session.getInputNames().iterator().next(), tensor))) {
                Map<String, float[]> outputs = new LinkedHashMap<>();
                for (Map.Entry<String, ?> e : result) {
                    FloatBuffer values = ((OnnxTensor) e.getValue()).getFloatBuffer();
                    float[] copy = new float[values.remaining()];
                    values.get(copy);
                    outputs.put(e.getKey(), copy);
                }
                return outputs;
            }
        } catch (OrtException e) {
            throw new AssertionError(file + ": " + e.getMessage(), e);
        }
    }

    /** Returns seeded values in [-1, 1). */
    public static float[] noise(long seed, int count) {
        Random random = new Random(seed);
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = random.nextFloat() * 2 - 1;
        }
        return x;
    }

    /** Returns the largest difference of two lists of values, relative to values above 1. */
    public static double difference(float[] a, float[] b) {
        if (a.length != b.length) {
            throw new AssertionError(a.length + " and " + b.length + " values");
        }
        double worst = 0;
        for (int i = 0; i < a.length; i++) {
            double d = Math.abs((double) a[i] - b[i]) / Math.max(1, Math.abs(b[i]));
            worst = d > worst || Double.isNaN(d) ? d : worst;
        }
        return worst;
    }
}
