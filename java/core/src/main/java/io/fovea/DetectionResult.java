package io.fovea;

import java.util.List;

/**
 * What one call found, how long it took and what it computed.
 *
 * @param detections best first
 * @param timings time of each stage
 * @param work arithmetic of the call
 */
public record DetectionResult(List<Detection> detections, Timings timings, Work work) {

    /**
     * Wall time of the stages of one call, in milliseconds.
     *
     * @param gateMillis the gate, 0 without one
     * @param preprocessMillis photo to input tensor
     * @param netMillis the net, with the choice of its sites
     * @param headMillis score filter, box decoding and suppression
     */
    public record Timings(double gateMillis, double preprocessMillis, double netMillis, double headMillis) {

        /** Returns the sum. */
        public double totalMillis() {
            return gateMillis + preprocessMillis + netMillis + headMillis;
        }
    }

    /**
     * The books of one call.
     *
     * @param activeShare share of foreground cells in the mask, 1 without one
     * @param denseMacs multiply-accumulates of the net when every site is computed
     * @param executedMacs multiply-accumulates that the kernels issued
     * @param gateMacs multiply-accumulates of the gate
     */
    public record Work(double activeShare, long denseMacs, long executedMacs, long gateMacs) {

        /** Returns executed MACs, the gate's included, over dense MACs. */
        public double executedShare() {
            return denseMacs == 0 ? 0 : (double) (executedMacs + gateMacs) / denseMacs;
        }
    }
}
