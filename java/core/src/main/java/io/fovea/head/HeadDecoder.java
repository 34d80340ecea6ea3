package io.fovea.head;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.ModelFormatException;
import io.fovea.graph.Shape;
import io.fovea.plan.Plan;
import io.fovea.run.Workspace;
import io.fovea.sites.SiteSet;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the head's rows of the active sites out of a workspace: scores above the threshold first, boxes only for those. Immutable,
 * thread-safe; scratch comes with each call.
 */
public final class HeadDecoder {
    private final DetectorSpec spec;
    private final Plan.Output boxes;
    private final Plan.Output scores;
    private final BoxCoder coder;
    private final ScoreFilter filter;

    /** The buffers of one call; reused, not thread-safe. */
    public static final class Buffers {
        private final Candidates candidates = new Candidates();
        private final Nms nms = new Nms();
        private final float[] raw = new float[4];
        private float[] rows = new float[0];

        /** Returns the candidates of the last call. */
        public Candidates candidates() {
            return candidates;
        }

        /** Returns the suppression of the last call. */
        public Nms nms() {
            return nms;
        }
    }

    /**
     * Makes a decoder.
     *
     * @param spec the detector
     * @param plan the planned net
     * @param wanted one flag per class column
     * @param threshold scores at or below it are dropped; in (0, 1)
     * @throws ModelFormatException if the outputs do not fit the spec
     */
    public HeadDecoder(DetectorSpec spec, Plan plan, boolean[] wanted, float threshold) {
        this.spec = spec;
        this.boxes = output(plan, spec.boxesOutput(), 4);
        this.scores = output(plan, spec.scoresOutput(), spec.classes().size());
        this.coder = new BoxCoder(new AnchorGrid(spec), spec.boxCoding());
        this.filter = new ScoreFilter(spec, wanted, threshold);
        checkParts(plan, boxes);
        checkParts(plan, scores);
    }

    private Plan.Output output(Plan plan, String name, int width) {
        for (Plan.Output output : plan.outputs()) {
            if (output.name().equals(name)) {
                if (output.width() != width || output.shape().height() != spec.rows()) {
                    throw new ModelFormatException("output '" + name + "' has " + output.shape().height() + " rows of "
                            + output.width() + " values, the spec's anchors need " + spec.rows() + " rows of " + width);
                }
                return output;
            }
        }
        throw new ModelFormatException("the net has no output '" + name + "', which the detector spec names");
    }

    private void checkParts(Plan plan, Plan.Output output) {
        List<FeatureMap> maps = spec.featureMaps().stream().filter(m -> !m.anchors().isEmpty()).toList();
        boolean fits = maps.size() == output.parts().size();
        for (int p = 0; fits && p < maps.size(); p++) {
            Shape shape = plan.values().get(output.parts().get(p).value()).shape();
            fits = maps.get(p).anchors().size() == output.parts().get(p).rowsPerSite()
                    && maps.get(p).height() == shape.height() && maps.get(p).width() == shape.width();
        }
        if (!fits) {
            throw new ModelFormatException("output '" + output.name() + "' is joined from "
                    + output.parts().stream().map(p -> level(p.rowsPerSite(), plan.values().get(p.value()).shape()))
                            .toList()
                    + ", the detector spec has " + maps.stream()
                            .map(m -> level(m.anchors().size(), new Shape(m.height(), m.width(), 1))).toList());
        }
    }

    private static String level(int anchors, Shape map) {
        return anchors + " anchors at " + map.height() + "x" + map.width() + " sites";
    }

    /**
     * Collects the candidates of a finished run into {@code buffers}, boxes decoded, in the order of the output rows.
     *
     * <p>Sites that a mask left out give none, even when they were computed because it left too little to save
     * ({@link Workspace#isAllowed}); {@link #collectAll} takes what was computed.
     *
     * @param workspace after its run
     * @param buffers receives them
     */
    public void collect(Workspace workspace, Buffers buffers) {
        collect(workspace, buffers, true);
    }

    /** As {@link #collect(Workspace, Buffers)}, from every site that was computed. */
    public void collectAll(Workspace workspace, Buffers buffers) {
        collect(workspace, buffers, false);
    }

    private void collect(Workspace workspace, Buffers buffers, boolean allowedOnly) {
        Candidates candidates = buffers.candidates;
        candidates.clear();
        int classes = spec.classes().size();
        for (int p = 0; p < scores.parts().size(); p++) {
            Plan.Part scorePart = scores.parts().get(p);
            Plan.Part boxPart = boxes.parts().get(p);
            SiteSet sites = workspace.sites(scorePart);
            MemorySegment rows = workspace.rows(scorePart);
            MemorySegment deltas = workspace.rows(boxPart);
            int anchors = scorePart.rowsPerSite();
            int width = anchors * classes;
            if (buffers.rows.length < width) {
                buffers.rows = new float[width];
            }
            for (int r = 0; r < sites.count(); r++) {
                if (allowedOnly && !workspace.isAllowed(scorePart, r)) {
                    continue;
                }
                MemorySegment.copy(rows, ValueLayout.JAVA_FLOAT, 4L * r * width, buffers.rows, 0, width);
                if (!filter.mayPass(buffers.rows, 0, width)) {
                    continue;
                }
                int firstRow = scorePart.firstRow() + sites.position(r) * anchors;
                for (int a = 0; a < anchors; a++) {
                    int before = candidates.size();
                    filter.row(buffers.rows, a * classes, firstRow + a, candidates);
                    if (candidates.size() > before) {
                        box(deltas, (long) r * anchors + a, firstRow + a, before, buffers);
                    }
                }
            }
        }
    }

    /**
     * Collects the candidates of a run that computed some of the head's sites and joins them with what a stream remembers of the
     * others. A site that the mask made active counts as computed, also when a head gate then left it out.
     *
     * @param workspace after its run
     * @param buffers scratch
     * @param memory of the stream; holds all candidates afterwards, in the order of the output rows
     */
    public void update(Workspace workspace, Buffers buffers, HeadMemory memory) {
        collectAll(workspace, buffers);
        memory.begin();
        int at = 0;
        for (Plan.Part part : scores.parts()) {
            SiteSet sites = workspace.maskSites(part);
            int end = part.firstRow() + sites.grid().sites() * part.rowsPerSite();
            at = memory.merge(buffers.candidates, at, end, row -> {
                int site = (row - part.firstRow()) / part.rowsPerSite();
                return sites.row(site / sites.grid().width(), site % sites.grid().width()) < 0;
            });
        }
        memory.end();
    }

    /**
     * Returns one flag per output row: whether the mask for which a workspace has chosen its sites makes the row's site active.
     *
     * @param workspace after {@link Workspace#choose} or a run
     */
    public boolean[] maskedRows(Workspace workspace) {
        boolean[] rows = new boolean[spec.rows()];
        for (Plan.Part part : scores.parts()) {
            SiteSet sites = workspace.maskSites(part);
            for (int r = 0; r < sites.count(); r++) {
                int first = part.firstRow() + sites.position(r) * part.rowsPerSite();
                Arrays.fill(rows, first, first + part.rowsPerSite(), true);
            }
        }
        return rows;
    }

    private void box(MemorySegment deltas, long packedRow, int row, int first, Buffers buffers) {
        Candidates candidates = buffers.candidates;
        MemorySegment.copy(deltas, ValueLayout.JAVA_FLOAT, 16 * packedRow, buffers.raw, 0, 4);
        coder.decode(row, buffers.raw, 0, candidates.boxes(), 4 * first);
        for (int i = first + 1; i < candidates.size(); i++) {
            System.arraycopy(candidates.boxes(), 4 * first, candidates.boxes(), 4 * i, 4);
        }
    }
}
