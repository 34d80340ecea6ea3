package io.fovea.gate;

import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
import io.fovea.format.GateSpec.Stretch;
import io.fovea.format.GateSpec.Trunk;
import io.fovea.format.Glance;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.graph.Graph;
import io.fovea.graph.Passes;
import io.fovea.image.Image;
import io.fovea.image.InputEncoder;
import io.fovea.plan.Plan;
import io.fovea.plan.Windows;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.SmallRun;
import io.fovea.run.Workspace;
import io.fovea.sites.Mask;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A trained gate: a small net looks at a small copy of the picture and gives a logit per mask cell. With trunk {@code detector} its first
 * blocks are the detector's own, and their maps become the periphery: what inactive sites read as in this photo.
 *
 * <p>A gate file may carry a {@link Glance}: a far smaller gate that is asked first. A photo of which it masks next to nothing is let through
 * whole, since this gate would cost more than its mask saves.
 *
 * <p>Thread-safe. Closing waits for answers that are still open; later calls throw IllegalStateException.
 */
public final class ObjectnessGate implements Gate, AutoCloseable {
    private final GateSpec spec;
    private final Session session;
    private final InputEncoder encoder;
    private final List<Plan.Output> logits;
    private final SmallRun small;
    private final int inputHeight;
    private final int inputWidth;
    private final int margin;
    private final float threshold;
    private final LogitMask cells;
    private final ObjectnessGate glance;
    private final float glanceShare;

    private ObjectnessGate(GateModel gate, Model detector, GateSettings settings) {
        gate.checkFits(detector);
        spec = gate.spec();
        threshold = settings.threshold() != null ? settings.threshold() : spec.threshold();
        margin = settings.margin() != null ? settings.margin() : spec.margin();
        InputSpec input = detector.spec().input();
        inputHeight = input.height();
        inputWidth = input.width();
        cells = new LogitMask(inputHeight, inputWidth, settings.cell() != null ? settings.cell() : spec.cell());
        encoder = input.encoder(spec.inputWidth(), spec.inputHeight());
        Map<String, Stretch> lines = new LinkedHashMap<>();
        Graph planned = Passes.optimise(detector.graph());
        if (settings.peripheral()) {
            for (String value : Windows.read(planned)) {
                if (spec.peripheral().containsKey(value)) {
                    lines.put(value, spec.peripheral().get(value));
                }
            }
        }
        TrunkGraph.Joined joined = spec.trunk() == Trunk.OWN
                ? new TrunkGraph.Joined(gate.heads().getFirst(), gate.heads().getFirst().outputs())
                : TrunkGraph.join(detector.graph(), gate, SmallRun.kept(planned, lines.keySet()));
        session = Session.open(joined.graph(),
                new SessionOptions(settings.threads(), settings.kernels(), null, settings.tuning(),
                        settings.winograd()));
        logits = joined.logits().stream().map(name -> session.plan().outputs().stream()
                .filter(o -> o.name().equals(name)).findFirst().orElseThrow()).toList();
        Glance first = gate.glance();
        glance = first == null
                ? null
                : new ObjectnessGate(first.gate(), detector, settings.masking(null, null, null).periphery(false));
        glanceShare = first == null ? 0 : first.share();
        small = lines.isEmpty() ? null : new SmallRun(session.plan(), planned, lines, settings.kernels());
    }

    /**
     * Opens a gate.
     *
     * @param gate the gate
     * @param detector the detector that it was made for
     * @param settings how it runs
     * @throws ModelFormatException if it was made for another detector, or does not fit this one
     * @throws IllegalStateException if the kernels asked for cannot run here
     */
    public static ObjectnessGate open(GateModel gate, Model detector, GateSettings settings) {
        return new ObjectnessGate(gate, detector, settings);
    }

    @Override
    public String name() {
        return "objectness, " + spec.inputWidth() + "x" + spec.inputHeight();
    }

    @Override
    public Mask mask(Image image, int height, int width) {
        try (Answer answer = look(image, height, width)) {
            return answer.mask();
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the size is not the detector's
     * @throws IllegalStateException if the gate is closed
     */
    @Override
    public Answer look(Image image, int height, int width) {
        if (height != inputHeight || width != inputWidth) {
            throw new IllegalArgumentException("the gate is for an input of " + inputWidth + "x" + inputHeight
                    + ", not " + width + "x" + height);
        }
        if (glance != null && glance.mask(image, height, width).share() >= glanceShare) {
            return new Answer(Mask.uniform(height, width, cells.cell(), true), glance.macs());
        }
        Workspace workspace = session.lease();
        try {
            encoder.encode(image, workspace.input());
            workspace.run();
            Mask mask = cells.above(sums(workspace), threshold).dilate(margin);
            if (small == null) {
                workspace.close();
                return new Answer(mask, macs());
            }
            SmallRun.Seen seen = small.of(workspace);
            return new Answer(mask, seen, macs(), () -> {
                seen.close();
                workspace.close();
            });
        } catch (RuntimeException | Error e) {
            workspace.close();
            throw e;
        }
    }

    /**
     * Returns the logits of the mask's cells, row by row, before threshold and margin; no glance is asked.
     *
     * @param image the photo
     */
    public float[] logits(Image image) {
        try (Workspace workspace = session.lease()) {
            encoder.encode(image, workspace.input());
            workspace.run();
            return sums(workspace);
        }
    }

    private float[] sums(Workspace workspace) {
        float[] sums = cells.start();
        for (Plan.Output output : logits) {
            cells.add(sums, workspace.rows(output.parts().getFirst()), output.shape().height(),
                    output.shape().width());
        }
        return sums;
    }

    /** Returns the spec of the gate file. */
    public GateSpec spec() {
        return spec;
    }

    /** Returns by how many pixels of the detector's input masks are grown. */
    public int margin() {
        return margin;
    }

    /** Returns the logit above which a cell is foreground. */
    public float threshold() {
        return threshold;
    }

    /** Returns whether answers carry a periphery. */
    public boolean isPeripheral() {
        return small != null;
    }

    /** Returns the small run's net, for profiling. */
    public Session session() {
        return session;
    }

    /**
     * {@inheritDoc} These are the small run's and the reading of its logit maps, and the glance's. What the periphery takes depends on the mask; see
     * {@link Workspace#backgroundMacs}.
     */
    @Override
    public long macs() {
        return session.issuedMacs() + cells.macs() * logits.size() + (glance == null ? 0 : glance.macs());
    }

    @Override
    public double coarseShare() {
        return spec.coarseShare();
    }

    @Override
    public boolean isRestriction() {
        return false;
    }

    @Override
    public void close() {
        if (glance != null) {
            glance.close();
        }
        session.close();
    }
}
