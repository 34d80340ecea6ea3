package io.fovea.train.tune;

import io.fovea.format.Model;
import io.fovea.graph.Graph;
import io.fovea.image.Image;
import io.fovea.image.InputEncoder;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.Workspace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs a detector by the engine on a photo or its mirror image and returns values of its net. Thread-safe. */
final class Runner implements AutoCloseable {
    private final Session session;
    private final InputEncoder encoder;
    private final String input;
    private final Set<String> values;

    /**
     * Plans a model.
     *
     * @param inner values wanted beside the outputs, the input among them or not
     */
    Runner(Model model, List<String> inner, SessionOptions options) {
        encoder = model.spec().input().encoder();
        Graph graph = model.graph();
        input = graph.input();
        values = new LinkedHashSet<>(graph.outputs());
        inner.stream().filter(v -> !v.equals(input)).forEach(values::add);
        session = Session.open(new Graph(graph.name(), input, graph.inputShape(), graph.nodes(),
                new ArrayList<>(values)), options);
    }

    /** Returns outputs and inner values by name, and the input as the net saw it; maps as {@code [C][H][W]}. */
    Map<String, float[]> run(Image photo, boolean mirrored) {
        Map<String, float[]> results = new LinkedHashMap<>();
        try (Workspace workspace = session.lease()) {
            float[] rows = new float[3 * encoder.width() * encoder.height()];
            encoder.encode(photo, MemorySegment.ofArray(rows));
            if (mirrored) {
                mirror(rows, encoder.width());
            }
            MemorySegment.copy(rows, 0, workspace.input(), ValueLayout.JAVA_FLOAT, 0, rows.length);
            workspace.run();
            values.forEach(v -> results.put(v, workspace.output(v)));
            results.put(input, planes(rows));
        }
        return results;
    }

    private static float[] planes(float[] rows) {
        int sites = rows.length / 3;
        float[] planes = new float[rows.length];
        for (int s = 0; s < sites; s++) {
            for (int c = 0; c < 3; c++) {
                planes[c * sites + s] = rows[3 * s + c];
            }
        }
        return planes;
    }

    private static void mirror(float[] rows, int width) {
        for (int from = 0; from < rows.length; from += 3 * width) {
            for (int l = from, r = from + 3 * (width - 1); l < r; l += 3, r -= 3) {
                for (int c = 0; c < 3; c++) {
                    float v = rows[l + c];
                    rows[l + c] = rows[r + c];
                    rows[r + c] = v;
                }
            }
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
