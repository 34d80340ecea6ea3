package io.fovea.train.tune;

import io.fovea.format.GateModel;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.gate.Gate;
import io.fovea.gate.GateSettings;
import io.fovea.gate.ObjectnessGate;
import io.fovea.image.Image;
import io.fovea.run.Gating;
import io.fovea.run.MeanBackground;

/**
 * The mask in the loop: the gate under which a student will run decides which sites its body computes while it learns, and what the others read
 * as. Thread-safe; close it.
 */
final class GateLoop implements AutoCloseable {
    private final ObjectnessGate gate;
    private final Gating gating;
    private final int height;
    private final int width;

    private GateLoop(ObjectnessGate gate, Gating gating, Model student) {
        this.gate = gate;
        this.gating = gating;
        height = student.spec().input().height();
        width = student.spec().input().width();
    }

    /**
     * Opens a gate.
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
        ObjectnessGate opened = ObjectnessGate.open(gate, student,
                settings.running(1, kernels, settings.tuning(), settings.winograd()).masking(threshold, null, null));
        Gating gating = new Gating(Gating.Mode.GATED, opened.coarseShare(),
                new MeanBackground("means", student.calibration().means()));
        return new GateLoop(opened, gating, student);
    }

    /** Returns what the gate says to a photo; close it when the photo is done. */
    Gate.Answer look(Image photo) {
        return gate.look(photo, height, width);
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
