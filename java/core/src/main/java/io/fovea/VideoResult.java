package io.fovea;

import io.fovea.DetectionResult.Work;
import io.fovea.gate.Motion;
import io.fovea.sites.Mask;
import java.util.List;

/**
 * What one frame of a stream showed, how long it took and what was computed.
 *
 * @param detections all objects in the picture, best first: those just computed and those remembered
 * @param motion what the motion gate saw; says whether and why this is a key frame
 * @param mask the cells that were computed; in a key frame all that the stream's region allows
 * @param timings time of each stage
 * @param work arithmetic of the frame
 */
public record VideoResult(List<Detection> detections, Motion motion, Mask mask, Timings timings, Work work) {

    /**
     * Wall time of the stages of one frame, in milliseconds.
     *
     * @param preprocessMillis frame to input tensor
     * @param motionMillis the motion gate, and the gates it is joined with
     * @param netMillis the net, with the choice of its sites and with writing back
     * @param writeBackMillis the part of {@code netMillis} that went into replacing what is remembered
     * @param headMillis score filter, box decoding and suppression
     */
    public record Timings(double preprocessMillis, double motionMillis, double netMillis, double writeBackMillis,
            double headMillis) {

        /** Returns the sum. */
        public double totalMillis() {
            return preprocessMillis + motionMillis + netMillis + headMillis;
        }
    }

    /** Returns whether the whole frame was computed. */
    public boolean isKeyFrame() {
        return motion.isKey();
    }
}
