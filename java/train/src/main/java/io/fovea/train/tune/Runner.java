package io.fovea.train.tune;

import io.fovea.format.Model;
import io.fovea.gate.Gate;
import io.fovea.graph.Graph;
import io.fovea.graph.Shape;
import io.fovea.image.Image;
import io.fovea.image.InputEncoder;
import io.fovea.plan.Plan;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.Workspace;
import io.fovea.sites.SiteSet;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs a detector by the engine on a photo, whole or under a gate, and returns values of its net. Thread-safe. */
final class Runner implements AutoCloseable {
    private final Session session;
    private final InputEncoder encoder;
    private final String input;
    private final Set<String> values;
    private final String rowsOf;
    private final int rows;
    private final GateLoop gate;

    /**
     * What one run gave.
     *
     * @param values outputs and inner values by name, and the input as the net saw it; maps as {@code [C][H][W]}, zeros where not computed
     * @param computed which of the head's rows were computed
     */
    record Result(Map<String, float[]> values, boolean[] computed) {}

    /**
     * Plans a model.
     *
     * @param inner values wanted beside the outputs, the input among them or not
     * @param gate what says which sites are computed, or null for all
     */
    Runner(Model model, List<String> inner, GateLoop gate, SessionOptions options) {
        this.gate = gate;
        encoder = model.spec().input().encoder();
        Graph graph = model.graph();
        input = graph.input();
        rowsOf = model.spec().scoresOutput();
        rows = model.spec().rows();
        values = new LinkedHashSet<>(graph.outputs());
        inner.stream().filter(v -> !v.equals(input)).forEach(values::add);
        session = Session.open(new Graph(graph.name(), input, graph.inputShape(), graph.nodes(),
                new ArrayList<>(values)), options);
    }

    Result run(Image photo) {
        boolean[] computed = new boolean[rows];
        Map<String, float[]> results = new LinkedHashMap<>();
        float[] picture = new float[3 * encoder.width() * encoder.height()];
        encoder.encode(photo, MemorySegment.ofArray(picture));
        try (Workspace workspace = session.lease(); Gate.Answer answer = gate == null ? null : gate.look(photo)) {
            MemorySegment.copy(picture, 0, workspace.input(), ValueLayout.JAVA_FLOAT, 0, picture.length);
            if (answer == null || answer.mask().isFull()) {
                workspace.run();
                Arrays.fill(computed, true);
            } else if (!answer.mask().isEmpty()) {
                workspace.run(answer.mask(), gate.gating(answer));
                mark(workspace, computed);
            }
            boolean none = answer != null && answer.mask().isEmpty();
            for (String value : values) {
                float[] found = workspace.output(value);
                results.put(value, none ? new float[found.length] : found);
            }
            results.put(input, planes(picture));
        }
        return new Result(results, computed);
    }

    private void mark(Workspace workspace, boolean[] computed) {
        Plan.Output output = session.plan().outputs().stream().filter(o -> o.name().equals(rowsOf)).findFirst()
                .orElseThrow();
        for (Plan.Part part : output.parts()) {
            SiteSet sites = workspace.sites(part);
            Shape shape = session.plan().values().get(part.value()).shape();
            for (int site = 0; site < shape.sites(); site++) {
                if (sites.row(site / shape.width(), site % shape.width()) >= 0) {
                    int first = part.firstRow() + site * part.rowsPerSite();
                    Arrays.fill(computed, first, first + part.rowsPerSite(), true);
                }
            }
        }
    }

    /** Brings rows of three channels to {@code [3][sites]}. */
    static float[] planes(float[] rows) {
        int sites = rows.length / 3;
        float[] planes = new float[rows.length];
        for (int s = 0; s < sites; s++) {
            for (int c = 0; c < 3; c++) {
                planes[c * sites + s] = rows[3 * s + c];
            }
        }
        return planes;
    }

    /** Returns a photo mirrored left to right. */
    static Image mirrored(Image photo) {
        int width = photo.width();
        int height = photo.height();
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int pixel = photo.rgb(width - 1 - x, y);
                int at = 3 * (y * width + x);
                rgb[at] = (byte) (pixel >> 16);
                rgb[at + 1] = (byte) (pixel >> 8);
                rgb[at + 2] = (byte) pixel;
            }
        }
        return Image.ofRgb(rgb, width, height, 3 * width);
    }

    @Override
    public void close() {
        session.close();
    }
}
