package io.fovea.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Detection;
import io.fovea.DetectionResult;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.format.Calibration;
import io.fovea.format.DetectorSpec;
import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.graph.Cost;
import io.fovea.graph.Graph;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import io.fovea.image.Image;
import io.fovea.plan.Windows;
import io.fovea.kernel.Winograd;
import io.fovea.run.Books;
import io.fovea.run.SessionOptions.Tuning;
import io.fovea.sites.Mask;
import io.fovea.testing.DenseNet;
import io.fovea.testing.MadeGate;
import io.fovea.testing.SmallDetector;
import io.fovea.testing.Tiers;
import io.fovea.testing.Values;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ObjectnessGateTest {
    private static final Model MODEL = calibrated(SmallDetector.of(8));
    private static final int HEIGHT = MODEL.spec().input().height();
    private static final int WIDTH = MODEL.spec().input().width();
    private static final List<String> READS = reads();
    private static final Image PHOTO = SmallDetector.photo(61, 47, 4);

    private static Model calibrated(Model model) {
        Map<String, float[]> means = new HashMap<>();
        Graph planned = Passes.optimise(model.graph());
        Windows.read(planned).forEach(v -> means.put(v, new float[planned.shape(v).channels()]));
        return model.with(new Calibration(means, List.of()));
    }

    /** The first two values that windows of the detector read. */
    private static List<String> reads() {
        return Windows.read(Passes.optimise(MODEL.graph())).stream().limit(2).toList();
    }

    private static GateSettings settings(String tier) {
        return GateSettings.DEFAULT.running(1, tier, Tuning.OFF, Winograd.OFF);
    }

    private static GateModel gate(long seed) {
        return MadeGate.onDetector(MODEL, HEIGHT * 3 / 4, WIDTH * 3 / 4, READS, seed);
    }

    /** Logits per cell by whole maps and plain bilinear reading. */
    private static float[] plain(GateModel gate, int cell) {
        GateSpec spec = gate.spec();
        float[] nhwc = new float[3 * spec.inputHeight() * spec.inputWidth()];
        MODEL.spec().input().encoder(spec.inputWidth(), spec.inputHeight()).encode(PHOTO, MemorySegment.ofArray(nhwc));
        Map<String, double[]> values = new HashMap<>();
        if (spec.reads().isEmpty()) {
            double[] picture = new double[nhwc.length];
            for (int i = 0; i < picture.length; i++) {
                picture[i] = nhwc[i];
            }
            values.put(gate.heads().getFirst().input(), picture);
        } else {
            values.putAll(DenseNet.run(TrunkGraph.cut(MODEL.graph(), spec.inputHeight(), spec.inputWidth(),
                    spec.reads()), nhwc));
        }
        int rows = Math.ceilDiv(HEIGHT, cell);
        int columns = Math.ceilDiv(WIDTH, cell);
        float[] sums = new float[rows * columns];
        for (Graph head : gate.heads()) {
            double[] from = values.get(head.input());
            float[] input = new float[from.length];
            for (int i = 0; i < input.length; i++) {
                input[i] = (float) from[i];
            }
            double[] map = DenseNet.run(head, input).get(head.outputs().getFirst());
            Shape shape = head.shape(head.outputs().getFirst());
            for (int i = 0; i < sums.length; i++) {
                double y = (i / columns + 0.5) * cell / HEIGHT * shape.height() - 0.5;
                double x = (i % columns + 0.5) * cell / WIDTH * shape.width() - 0.5;
                sums[i] += (float) at(map, shape, Math.clamp(y, 0, shape.height() - 1),
                        Math.clamp(x, 0, shape.width() - 1));
            }
        }
        return sums;
    }

    private static double at(double[] map, Shape shape, double y, double x) {
        double sum = 0;
        for (int iy = 0; iy < shape.height(); iy++) {
            for (int ix = 0; ix < shape.width(); ix++) {
                sum += Math.max(0, 1 - Math.abs(y - iy)) * Math.max(0, 1 - Math.abs(x - ix))
                        * map[iy * shape.width() + ix];
            }
        }
        return sum;
    }

    @Test
    void logitsAreThoseOfTrunkAndHeadComputedPlainly() {
        for (String tier : Tiers.here()) {
            for (long seed = 1; seed <= 3; seed++) {
                GateModel made = seed == 3 ? MadeGate.onPicture(MODEL, 17, 23, seed) : gate(seed);
                try (ObjectnessGate gate = ObjectnessGate.open(made, MODEL, settings(tier))) {
                    Values.assertClose(plain(made, 4), gate.logits(PHOTO), 1e-4, true, tier + ", gate " + seed);
                    assertEquals(seed != 3, gate.isPeripheral());
                }
            }
        }
    }

    @Test
    void masksAreLogitsAboveTheThresholdGrownByTheMargin() {
        GateModel made = gate(7);
        float[] sums = plain(made, 6);
        float[] sorted = sums.clone();
        Arrays.sort(sorted);
        float threshold = (sorted[sorted.length / 2] + sorted[sorted.length / 2 + 1]) / 2;
        boolean[] want = new boolean[sums.length];
        for (int i = 0; i < want.length; i++) {
            want[i] = sums[i] > threshold;
        }
        Mask bare = Mask.of(HEIGHT, WIDTH, 6, want);
        try (ObjectnessGate gate = ObjectnessGate.open(made, MODEL, settings("vector").masking(threshold, 6, null));
                ObjectnessGate wide = ObjectnessGate.open(made, MODEL, settings("vector").masking(threshold, 6, 7))) {
            assertEquals(bare, gate.mask(PHOTO, HEIGHT, WIDTH));
            assertEquals(bare.dilate(7), wide.mask(PHOTO, HEIGHT, WIDTH));
            assertFalse(bare.isFull() || bare.isEmpty());
            assertThrows(IllegalArgumentException.class, () -> gate.mask(PHOTO, HEIGHT + 1, WIDTH));
        }
    }

    @Test
    void macsAreTrunkHeadAndReading() {
        GateModel made = gate(1);
        long trunk = Cost.of(TrunkGraph.cut(MODEL.graph(), HEIGHT * 3 / 4, WIDTH * 3 / 4, READS)).macs();
        long heads = made.heads().stream().mapToLong(h -> Cost.of(h).macs()).sum();
        long cells = (long) Math.ceilDiv(HEIGHT, 4) * Math.ceilDiv(WIDTH, 4);
        try (ObjectnessGate gate = ObjectnessGate.open(made, MODEL, settings("vector").periphery(false))) {
            assertEquals(trunk + heads + 2 * 4 * cells, gate.macs());
        }
    }

    private static DetectorOptions.Builder options() {
        return DetectorOptions.builder().kernels("vector").scoreThreshold(0.3f).denseFallback(false);
    }

    @Test
    void aDetectorOpensTheGateThatItsModelCarries() {
        Model carrying = MODEL.with(gate(5));
        try (Detector gated = Detector.open(carrying, options().trainedGate(TrainedGate.CARRIED).build());
                Detector plain = Detector.open(carrying, options().build());
                Detector without = Detector.open(MODEL, options().trainedGate(TrainedGate.CARRIED).build());
                ObjectnessGate gate = ObjectnessGate.open(carrying.gate(), MODEL, settings("vector"))) {
            Mask mask = gate.mask(PHOTO, HEIGHT, WIDTH);
            assertEquals(mask, gated.mask(PHOTO).orElseThrow());
            DetectionResult result = gated.run(PHOTO);
            assertEquals(mask.share(), result.work().activeShare());
            assertTrue(result.work().gateMacs() > gate.macs(), "the background of the ring costs something");
            assertTrue(result.timings().gateMillis() > 0);
            assertTrue(result.work().executedMacs() < plain.run(PHOTO).work().executedMacs());
            assertNotEquals(plain.detect(PHOTO, mask), result.detections(), "the periphery makes a difference");
            assertTrue(without.gate().isEmpty());
            Books books = gated.books(PHOTO);
            assertEquals(result.work().executedMacs(), books.executed());
            assertTrue(gated.profile(PHOTO, 1).masked());
            try (ObjectnessGate bare = ObjectnessGate.open(carrying.gate(), MODEL, settings("vector").periphery(false));
                    Detector means = Detector.open(carrying, options().trainedGate(TrainedGate.CARRIED)
                            .background(BackgroundSource.MEANS).build());
                    Detector given = Detector.open(MODEL, options().gate(gate).build())) {
                assertEquals(plain.detect(PHOTO, mask), means.detect(PHOTO), "over means it is but a mask");
                assertEquals(bare.macs(), means.run(PHOTO).work().gateMacs());
                assertEquals(result.detections(), given.detect(PHOTO), "opened by the caller");
            }
        }
    }

    @Test
    void manyThreadsGetTheSameDetections() throws Exception {
        try (Detector gated = Detector.open(MODEL.with(gate(5)),
                options().threads(2).trainedGate(TrainedGate.CARRIED).build());
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Image> photos = new ArrayList<>();
            List<List<Detection>> alone = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                photos.add(SmallDetector.photo(40 + i, 30 + 2 * i, i));
                alone.add(gated.detect(photos.get(i)));
            }
            List<Future<List<Detection>>> together = photos.stream().map(p -> threads.submit(() -> gated.detect(p)))
                    .toList();
            for (int i = 0; i < 12; i++) {
                assertEquals(alone.get(i), together.get(i).get());
            }
        }
    }

    @Test
    void whatDoesNotFitIsRefusedByName() {
        GateModel made = gate(1);
        Model other = new Model(MODEL.graph(), MODEL.spec(), MODEL.calibration());
        GateSpec spec = made.spec();
        GateSpec wrongName = new GateSpec("another", spec.trunk(), spec.inputHeight(), spec.inputWidth(), spec.reads(),
                0, 4, 0, 0, Map.of(), Map.of());
        refused("made for detector 'another', this is 'small'", () -> open(made.with(wrongName), other));
        GateSpec wrongSize = new GateSpec("small", spec.trunk(), spec.inputHeight() / 2, spec.inputWidth(),
                spec.reads(), 0, 4, 0, 0, Map.of(), Map.of());
        refused("the detector computes it as", () -> open(made.with(wrongSize), other));
        Graph lost = new Graph("head", "nowhere", new Shape(3, 3, 4), List.of(), List.of("nowhere"));
        GateSpec reading = new GateSpec("small", spec.trunk(), 20, 20, List.of("nowhere"), 0, 4, 0, 0, Map.of(),
                Map.of());
        refused("one channel of logits", () -> new GateModel(List.of(lost), reading));
        GateModel stray = new GateModel(
                List.of(new Graph("head", "nowhere", new Shape(3, 3, 1), List.of(), List.of("nowhere"))),
                reading);
        refused("the gate reads 'nowhere', and the net has no such value", () -> open(stray, other));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Detector.open(MODEL,
                options().background(BackgroundSource.PERIPHERAL).build())).getMessage().contains("peripheral"));
    }

    private static void open(GateModel gate, Model model) {
        ObjectnessGate.open(gate, model, settings("vector")).close();
    }

    private static void refused(String part, Runnable what) {
        String message = assertThrows(ModelFormatException.class, what::run).getMessage();
        assertTrue(message.contains(part), message);
    }

    @Test
    void aTrainedGateIsNoRestriction() {
        boolean[] flags = new boolean[Math.ceilDiv(HEIGHT, 2) * Math.ceilDiv(WIDTH, 2)];
        Arrays.fill(flags, true);
        for (int corner : new int[]{0, 1, Math.ceilDiv(WIDTH, 2), Math.ceilDiv(WIDTH, 2) + 1}) {
            flags[corner] = false;
        }
        Mask mask = Mask.of(HEIGHT, WIDTH, 2, flags);
        DetectorOptions.Builder falling = options().denseFallback(true).coarseShare(0).iouThreshold(1)
                .maxDetections(100_000)
                .scoreThreshold(0.01f);
        Gate region = (image, height, width) -> mask;
        Gate hint = new Gate() {
            @Override
            public Mask mask(Image image, int height, int width) {
                return mask;
            }

            @Override
            public boolean isRestriction() {
                return false;
            }
        };
        DetectorSpec d = MODEL.spec();
        Model everything = new Model(MODEL.graph(),
                new DetectorSpec(d.name(), d.licence(), d.input(), d.boxesOutput(), d.scoresOutput(), d.classes(),
                        d.backgroundIndex(), d.scoreActivation(), d.boxCoding(), d.featureMaps(),
                        new DetectorSpec.NmsSpec(0.01f, 1, 0, 100_000)),
                MODEL.calibration());
        try (Detector dense = Detector.open(everything, falling.build());
                Detector restricted = Detector.open(everything, falling.gate(region).build());
                Detector hinted = Detector.open(everything, falling.gate(hint).build());
                Detector masked = Detector.open(everything, falling.gate(region).denseFallback(false).build())) {
            DetectionResult all = dense.run(PHOTO);
            DetectionResult some = restricted.run(PHOTO);
            assertEquals(all.work().executedMacs(), some.work().executedMacs(), "it fell back");
            assertEquals(all.detections(), hinted.detect(PHOTO));
            assertTrue(all.detections().containsAll(some.detections()));
            assertTrue(some.detections().size() < all.detections().size(), some.detections().size() + " of all");
            assertTrue(masked.detect(PHOTO).size() > 0);
        }
    }
}
