package io.fovea.lab.calibrate;

import io.fovea.format.DetectorSpec;
import io.fovea.format.Model;
import io.fovea.head.Candidates;
import io.fovea.head.HeadDecoder;
import io.fovea.image.Image;
import io.fovea.image.InputEncoder;
import io.fovea.plan.HeadLevel;
import io.fovea.plan.Plan;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.Workspace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a detector densely, step by step, and keeps of each photo what calibration looks at: the means of the values that tables read,
 * the input rows of each head level, and the best score of each head row. Used by one thread.
 */
final class NetProbe implements AutoCloseable {
    private final Session session;
    private final Plan plan;
    private final InputEncoder encoder;
    private final HeadDecoder decoder;
    private final HeadDecoder.Buffers buffers = new HeadDecoder.Buffers();
    private final List<Plan.Part> parts;
    private final List<Level> levels = new ArrayList<>();
    private final boolean[] meansOf;
    private final Map<Integer, List<Level>> levelsOf = new HashMap<>();
    private final int[] lastStep;
    private float[] rows = new float[0];

    /** What is known of one head level after a photo. */
    static final class Level {
        final HeadLevel head;
        final int sites;
        final int channels;
        /** Input rows, {@code [sites][channels]}. */
        final float[] input;
        final int rowsPerSite;
        /** Best score of each head row above the least score asked for, else 0; {@code [sites][rowsPerSite]}. */
        final float[] scores;

        Level(HeadLevel head, int sites, int channels, int rowsPerSite) {
            this.head = head;
            this.sites = sites;
            this.channels = channels;
            this.input = new float[sites * channels];
            this.rowsPerSite = rowsPerSite;
            this.scores = new float[sites * rowsPerSite];
        }

        float best(int site) {
            float best = 0;
            for (int r = site * rowsPerSite; r < (site + 1) * rowsPerSite; r++) {
                best = Math.max(best, scores[r]);
            }
            return best;
        }
    }

    /**
     * Plans a model.
     *
     * @param leastScore scores at or below are not told apart
     */
    NetProbe(Model model, SessionOptions options, double leastScore) {
        DetectorSpec spec = model.spec();
        encoder = spec.input().encoder();
        try (Session fused = Session.open(model.graph(), options)) {
            session = fused.unfused();
        }
        plan = session.plan();
        boolean[] all = new boolean[spec.classes().size()];
        Arrays.fill(all, true);
        decoder = new HeadDecoder(spec, plan, all, (float) leastScore);
        parts = plan.outputs().stream().filter(o -> o.name().equals(spec.scoresOutput())).findFirst().orElseThrow()
                .parts();
        List<HeadLevel> heads = HeadLevel.of(plan.graph(), spec.boxesOutput(), spec.scoresOutput());
        for (int l = 0; l < heads.size(); l++) {
            int value = plan.value(heads.get(l).input());
            var shape = plan.values().get(value).shape();
            levels.add(new Level(heads.get(l), shape.sites(), shape.channels(), parts.get(l).rowsPerSite()));
            levelsOf.computeIfAbsent(value, v -> new ArrayList<>()).add(levels.get(l));
        }
        meansOf = new boolean[plan.values().size()];
        for (int v = 0; v < meansOf.length; v++) {
            // What is computed from the input row by row is never inactive, as the input itself.
            meansOf[v] = plan.values().get(v).tableRead() && plan.values().get(v).domain() != 0;
        }
        lastStep = new int[meansOf.length];
        for (int s = 0; s < plan.steps().size(); s++) {
            lastStep[plan.steps().get(s).out()] = s;
        }
    }

    /** Returns the head's levels in the order of the output rows; empty when its outputs are not joined level by level. */
    List<Level> levels() {
        return levels;
    }

    Plan plan() {
        return plan;
    }

    /** Runs on a photo, adds to the means and fills the levels. */
    void run(Image photo, ChannelMeans means) {
        try (Workspace workspace = session.lease()) {
            encoder.encode(photo, workspace.input());
            workspace.run((index, step, out) -> {
                int value = step.out();
                if (lastStep[value] == index && (meansOf[value] || levelsOf.containsKey(value))) {
                    look(plan.values().get(value), value, out, means);
                }
            });
            decoder.collect(workspace, buffers);
        }
        scores();
    }

    private void look(Plan.Value v, int value, MemorySegment out, ChannelMeans means) {
        int length = v.shape().values();
        if (rows.length < length) {
            rows = new float[length];
        }
        MemorySegment.copy(out, ValueLayout.JAVA_FLOAT, 0, rows, 0, length);
        if (meansOf[value]) {
            means.add(v.name(), rows, v.shape().sites(), v.shape().channels());
        }
        for (Level level : levelsOf.getOrDefault(value, List.of())) {
            System.arraycopy(rows, 0, level.input, 0, length);
        }
    }

    private void scores() {
        levels.forEach(level -> Arrays.fill(level.scores, 0));
        Candidates found = buffers.candidates();
        for (int i = 0, l = 0; i < found.size() && !levels.isEmpty(); i++) {
            while (l + 1 < parts.size() && found.row(i) >= parts.get(l + 1).firstRow()) {
                l++;
            }
            int row = found.row(i) - parts.get(l).firstRow();
            float[] scores = levels.get(l).scores;
            scores[row] = Math.max(scores[row], found.score(i));
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
