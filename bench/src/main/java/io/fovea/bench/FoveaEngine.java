package io.fovea.bench;

import io.fovea.run.Gating;
import io.fovea.run.Workspace;
import io.fovea.sites.Mask;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Our own net in one workspace; a run takes the net alone, from the rows of the input to the rows of the head. With masks, a run
 * makes the mask out of flags, the site sets and the tables as well; several masks take turns, so that none is found ready.
 */
final class FoveaEngine implements Engine {
    static final String NAME = "fovea";

    private final OurNet net;
    private final float[] nhwc;
    private final Workspace workspace;
    private final MaskShape.Flags masks;
    private final boolean fallback;
    private final Gating gating;
    private int turn;

    /**
     * Sets up dense runs.
     *
     * @param net the planned net
     * @param nhwc the input, {@code [height][width][channels]}
     */
    FoveaEngine(OurNet net, float[] nhwc) {
        this(net, nhwc, null, false);
    }

    /**
     * Sets up masked runs.
     *
     * @param net the planned net
     * @param nhwc the input, {@code [height][width][channels]}
     * @param masks what is active
     * @param fallback whether a mask that leaves too little to save is run densely
     */
    FoveaEngine(OurNet net, float[] nhwc, MaskShape.Flags masks, boolean fallback) {
        this.net = net;
        this.nhwc = nhwc;
        this.masks = masks;
        this.fallback = fallback;
        this.gating = masks == null ? null : net.gating();
        this.workspace = net.session().lease();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String tier() {
        return net.tier();
    }

    @Override
    public String mask() {
        return masks == null ? null : masks.name();
    }

    @Override
    public double active() {
        return masks == null ? 1 : masks.share();
    }

    @Override
    public double executedShare() {
        double sum = 0;
        int turns = masks == null ? 1 : masks.flags().size();
        for (int i = 0; i < turns; i++) {
            prepare();
            run();
            sum += workspace.executedMacs();
        }
        return sum / turns / net.session().issuedMacs();
    }

    @Override
    public int variant() {
        return turn;
    }

    @Override
    public void prepare() {
        MemorySegment.copy(nhwc, 0, workspace.input(), ValueLayout.JAVA_FLOAT, 0, nhwc.length);
    }

    @Override
    public void run() {
        if (masks == null) {
            workspace.run();
            return;
        }
        boolean[] flags = masks.flags().get(turn);
        turn = (turn + 1) % masks.flags().size();
        workspace.run(Mask.of(masks.inputHeight(), masks.inputWidth(), masks.cell(), flags), gating, fallback);
    }

    @Override
    public Map<String, float[]> outputs() {
        prepare();
        run();
        Map<String, float[]> outputs = new LinkedHashMap<>();
        for (String name : net.model().graph().outputs()) {
            outputs.put(name, workspace.output(name));
        }
        return outputs;
    }

    @Override
    public void close() {
        workspace.close();
    }
}
