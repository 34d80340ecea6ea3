package io.fovea.bench;

import io.fovea.format.Calibration;
import io.fovea.format.DetectorSpec;
import io.fovea.format.Model;
import io.fovea.run.Gating;
import io.fovea.run.MeanBackground;
import io.fovea.run.ReferenceBackground;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.sites.Background;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A net planned with one choice of kernels; the engines that are measured share it. */
final class OurNet implements AutoCloseable {
    private final Model model;
    private final String tier;
    private final Session session;
    private Gating gating;

    /**
     * Plans a net.
     *
     * @param model the model as read
     * @param tier {@code auto} or the name of a tier
     * @param threads threads of a run
     * @param headGate whether the model's head gate, if it has one, picks the head's sites
     * @param retune whether {@code auto} measures kernels again instead of reading what it measured before
     */
    OurNet(Model model, String tier, int threads, boolean headGate, boolean retune) {
        this.model = model;
        this.tier = tier;
        Calibration calibration = model.calibration();
        SessionOptions.HeadGate gate = headGate && !calibration.headGate().isEmpty()
                ? new SessionOptions.HeadGate(model.spec().boxesOutput(), model.spec().scoresOutput(),
                        calibration.headGate())
                : null;
        this.session = Session.open(model.graph(), new SessionOptions(threads, tier, gate,
                retune ? SessionOptions.Tuning.AGAIN : SessionOptions.Tuning.CACHED));
    }

    String tier() {
        return tier;
    }

    Model model() {
        return model;
    }

    Session session() {
        return session;
    }

    /** Returns gated mode over what a detector would take: calibrated means, else a mid-grey image. */
    Gating gating() {
        if (gating == null) {
            gating = Gating.gated(background());
        }
        return gating;
    }

    private Background background() {
        if (!model.calibration().means().isEmpty()) {
            return new MeanBackground("means", model.calibration().means());
        }
        float[] grey = grey(model.spec().input());
        return ReferenceBackground.of("grey", session,
                rows -> MemorySegment.copy(grey, 0, rows, ValueLayout.JAVA_FLOAT, 0, grey.length));
    }

    private static float[] grey(DetectorSpec.InputSpec input) {
        float[] values = new float[3 * input.width() * input.height()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (128 - input.mean().get(i % 3)) * input.scale().get(i % 3);
        }
        return values;
    }

    @Override
    public void close() {
        session.close();
    }
}
