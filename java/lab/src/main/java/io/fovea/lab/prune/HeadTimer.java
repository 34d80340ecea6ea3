package io.fovea.lab.prune;

import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.format.DetectorSpec;
import io.fovea.format.Model;
import io.fovea.graph.Node;
import io.fovea.head.HeadDecoder;
import io.fovea.image.Image;
import io.fovea.image.InputEncoder;
import io.fovea.plan.Step;
import io.fovea.run.SessionOptions.Tuning;
import io.fovea.run.Workspace;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Measures where the time of a detector's head goes. */
public final class HeadTimer {

    /**
     * Medians over photos and rounds, in milliseconds, on one thread, with the kernels chosen by rule and without a head gate.
     *
     * @param net the whole net
     * @param head the net's steps that belong to the head
     * @param decode score filter and box decoding
     * @param nms sorting and suppression
     */
    public record Times(double net, double head, double decode, double nms) {

        /** Returns head, decoding and suppression together. */
        public double headAndNms() {
            return head + decode + nms;
        }
    }

    private HeadTimer() {
    }

    /**
     * Measures a model.
     *
     * @param model the detector
     * @param photos photos to run, at least one
     * @param rounds how often each is run after one round of warming up
     * @param threshold score threshold
     */
    public static Times measure(Model model, List<Image> photos, int rounds, float threshold) {
        DetectorOptions options = DetectorOptions.builder().threads(1).headGate(false).tuning(Tuning.OFF).build();
        try (Detector detector = Detector.open(model, options)) {
            DetectorSpec spec = detector.spec();
            InputEncoder encoder = spec.input().encoder();
            boolean[] wanted = new boolean[spec.classes().size()];
            Arrays.fill(wanted, true);
            HeadDecoder decoder = new HeadDecoder(spec, detector.session().plan(), wanted, threshold);
            HeadDecoder.Buffers buffers = new HeadDecoder.Buffers();
            Set<String> head = HeadLayout.of(model).headNodes().stream().map(Node::output).collect(Collectors.toSet());
            List<Step> steps = detector.session().plan().steps();
            boolean[] ofHead = new boolean[steps.size()];
            for (int s = 0; s < ofHead.length; s++) {
                ofHead[s] = steps.get(s).nodes().stream().anyMatch(n -> head.contains(n.output()));
            }
            double[][] all = new double[4][photos.size() * rounds];
            int n = 0;
            for (int r = -1; r < rounds; r++) {
                for (Image photo : photos) {
                    double[] one = one(detector, encoder, photo, decoder, buffers, ofHead);
                    for (int k = 0; r >= 0 && k < 4; k++) {
                        all[k][n] = one[k];
                    }
                    n += r >= 0 ? 1 : 0;
                }
            }
            return new Times(median(all[0]), median(all[1]), median(all[2]), median(all[3]));
        }
    }

    private static double[] one(Detector detector, InputEncoder encoder, Image photo, HeadDecoder decoder,
            HeadDecoder.Buffers buffers, boolean[] ofHead) {
        DetectorSpec spec = detector.spec();
        try (Workspace workspace = detector.session().lease()) {
            encoder.encode(photo, workspace.input());
            long[] at = {System.nanoTime(), 0};
            long start = at[0];
            workspace.run((index, step, out) -> {
                long now = System.nanoTime();
                at[1] += ofHead[index] ? now - at[0] : 0;
                at[0] = now;
            });
            long end = System.nanoTime();
            decoder.collect(workspace, buffers);
            long decoded = System.nanoTime();
            buffers.nms().run(buffers.candidates(), spec.classes().size(), false, spec.nms().iouThreshold(),
                    spec.nms().maxPerClass(), spec.nms().maxDetections());
            long done = System.nanoTime();
            return new double[]{(end - start) / 1e6, at[1] / 1e6, (decoded - end) / 1e6, (done - decoded) / 1e6};
        }
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        int n = values.length;
        return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
    }
}
