package io.fovea;

import java.util.List;

/**
 * What one call found and how long it took.
 *
 * @param detections best first
 * @param timings time of each stage
 */
public record DetectionResult(List<Detection> detections, Timings timings) {

    /**
     * Wall time of the stages of one call, in milliseconds.
     *
     * @param preprocessMillis photo to input tensor
     * @param netMillis the net
     * @param headMillis score filter, box decoding and suppression
     */
    public record Timings(double preprocessMillis, double netMillis, double headMillis) {

        /** Returns the sum. */
        public double totalMillis() {
            return preprocessMillis + netMillis + headMillis;
        }
    }
}
