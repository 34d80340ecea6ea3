package io.fovea.train.tune;

import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
import io.fovea.format.Glance;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.gate.Gate;
import io.fovea.gate.GateSettings;
import io.fovea.gate.ObjectnessGate;
import io.fovea.image.Image;
import io.fovea.image.InputEncoder;
import io.fovea.run.Gating;
import io.fovea.run.MeanBackground;
import java.lang.foreign.MemorySegment;

/**
 * The mask in the loop: the gate under which a student will run decides which sites its body computes while it learns, and what the others read
 * as. Thread-safe; close it.
 */
final class GateLoop implements AutoCloseable {
    private final ObjectnessGate gate;
    private final Gating gating;
    private final int height;
    private final int width;
    private final InputEncoder encoder;

    /**
     * What a gate's masks are made of while learning.
     *
     * @param picture the small copy of the picture as the gate sees it, {@code [3][h][w]}
     * @param logits one per cell of the mask
     */
    record Look(float[] picture, float[] logits) {}

    private GateLoop(ObjectnessGate gate, Gating gating, Model student) {
        this.gate = gate;
        this.gating = gating;
        height = student.spec().input().height();
        width = student.spec().input().width();
        encoder = student.spec().input().encoder(gate.spec().inputWidth(), gate.spec().inputHeight());
    }

    /**
     * Opens a gate, without its glance: every photo is learnt from behind a mask.
     *
     * @param threshold logit above which a cell is foreground, or null for the gate's own
     * @throws ModelFormatException if the gate does not fit the student, or the student has no calibrated means
     */
    static GateLoop open(Model student, GateModel gate, Float threshold, String kernels) {
        if (student.calibration().means().isEmpty()) {
            throw new ModelFormatException("'" + student.spec().name()
                    + "' has no calibrated means for sites that a gate leaves out; run 'fovea calibrate' first");
        }
        GateSettings settings = GateSettings.DEFAULT;
        ObjectnessGate opened = ObjectnessGate.open(gate.with((Glance) null), student,
                settings.running(1, kernels, settings.tuning(), settings.winograd()).masking(threshold, null, null));
        Gating gating = new Gating(Gating.Mode.GATED, opened.coarseShare(),
                new MeanBackground("means", student.calibration().means()));
        return new GateLoop(opened, gating, student);
    }

    /** Returns what the gate says to a photo; close it when the photo is done. */
    Gate.Answer look(Image photo) {
        return gate.look(photo, height, width);
    }

    /** Returns what masks are made of. */
    Look logits(Image photo) {
        float[] picture = new float[3 * encoder.width() * encoder.height()];
        encoder.encode(photo, MemorySegment.ofArray(picture));
        return new Look(Runner.planes(picture), gate.logits(photo));
    }

    /** Returns a look of zeros, for its size. */
    static Look size(Model student, GateModel gate) {
        GateSpec spec = gate.spec();
        int cells = Math.ceilDiv(student.spec().input().height(), spec.cell())
                * Math.ceilDiv(student.spec().input().width(), spec.cell());
        return new Look(new float[3 * spec.inputHeight() * spec.inputWidth()], new float[cells]);
    }

    /** Returns how an answer's mask is applied. */
    Gating gating(Gate.Answer answer) {
        return gating.with(answer.periphery());
    }

    @Override
    public void close() {
        gate.close();
    }
}
