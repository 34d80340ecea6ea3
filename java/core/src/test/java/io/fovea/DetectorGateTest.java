package io.fovea;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.format.Model;
import io.fovea.gate.BackgroundSource;
import io.fovea.gate.RegionGate;
import io.fovea.gate.RegionGate.Region;
import io.fovea.image.Image;
import io.fovea.run.Gating;
import io.fovea.sites.Mask;
import io.fovea.testing.Masks;
import io.fovea.testing.SmallDetector;
import io.fovea.testing.Tiers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What gates, masks and their options do to a detector's results. */
class DetectorGateTest {
    private static final Model MODEL = keepingAll(SmallDetector.of(8));
    private static final int HEIGHT = MODEL.spec().input().height();
    private static final int WIDTH = MODEL.spec().input().width();
    private static final Image PHOTO = SmallDetector.photo(WIDTH, HEIGHT, 4);

    /** Returns a model in which any number of candidates of a class enters suppression. */
    private static Model keepingAll(Model model) {
        DetectorSpec s = model.spec();
        NmsSpec nms = new NmsSpec(s.nms().scoreThreshold(), s.nms().iouThreshold(), 0, s.nms().maxDetections());
        return new Model(model.graph(), new DetectorSpec(s.name(), s.licence(), s.input(), s.boxesOutput(),
                s.scoresOutput(), s.classes(), s.backgroundIndex(), s.scoreActivation(), s.boxCoding(), s.featureMaps(),
                nms));
    }

    private static DetectorOptions.Builder options() {
        return DetectorOptions.builder().kernels("vector").scoreThreshold(0.3f).denseFallback(false);
    }

    private static Mask middle(int cell) {
        return Mask.uniform(HEIGHT, WIDTH, cell, false).withRectangle(WIDTH / 3f, HEIGHT / 3f, WIDTH / 2f, HEIGHT / 2f);
    }

    @Test
    void aGateIsAskedBeforeEveryPhoto() {
        RegionGate gate = new RegionGate(List.of(new Region(3, 4, 11, 9)), 4);
        try (Detector gated = Detector.open(MODEL, options().gate(gate).build());
                Detector plain = Detector.open(MODEL, options().build())) {
            List<Detection> want = plain.detect(PHOTO, gate.mask(PHOTO, HEIGHT, WIDTH));
            assertEquals(want, gated.detect(PHOTO));
            assertNotEquals(plain.detect(PHOTO), want, "a gate that changes nothing shows nothing");
        }
    }

    @Test
    void theMarginGrowsTheMask() {
        try (Detector wide = Detector.open(MODEL, options().margin(5).build());
                Detector plain = Detector.open(MODEL, options().build())) {
            Mask mask = middle(4);
            assertNotEquals(mask, mask.dilate(5));
            assertEquals(plain.detect(PHOTO, mask.dilate(5)), wide.detect(PHOTO, mask));
            assertTrue(wide.detect(PHOTO, Mask.uniform(HEIGHT, WIDTH, 4, false)).isEmpty(), "nothing to grow");
        }
    }

    @Test
    void masksThatLeaveLittleToSaveRunDense() {
        boolean[] flags = new boolean[((HEIGHT + 1) / 2) * ((WIDTH + 1) / 2)];
        java.util.Arrays.fill(flags, 1, flags.length, true);
        Mask almost = Mask.of(HEIGHT, WIDTH, 2, flags);
        try (Detector falls = Detector.open(MODEL, options().denseFallback(true).coarseShare(0).build());
                Detector stays = Detector.open(MODEL, options().coarseShare(0).build())) {
            DetectionResult dense = falls.run(PHOTO);
            assertEquals(dense.detections(), falls.run(PHOTO, almost).detections());
            assertEquals(dense.work().executedMacs(), falls.run(PHOTO, almost).work().executedMacs());
            assertTrue(stays.run(PHOTO, almost).work().executedMacs() < dense.work().executedMacs());
            assertTrue(falls.run(PHOTO, middle(4)).work().executedMacs() < dense.work().executedMacs(),
                    "a small mask is worth it");
        }
    }

    @Test
    void anEmptyMaskComputesNothing() {
        try (Detector detector = Detector.open(MODEL, options().build())) {
            DetectionResult result = detector.run(PHOTO, Mask.uniform(HEIGHT, WIDTH, 8, false));
            assertEquals(List.of(), result.detections());
            assertEquals(0, result.work().executedMacs());
            assertEquals(0, result.timings().netMillis());
        }
    }

    @Test
    void exactModeSeesTheCompositeOfPhotoAndReference() {
        Image reference = SmallDetector.photo(WIDTH, HEIGHT, 77);
        for (String tier : Tiers.here()) {
            // Nothing is suppressed or left over, so that every computed row shows.
            DetectorOptions exact = options().iouThreshold(1).maxDetections(100_000).kernels(tier)
                    .mode(Gating.Mode.EXACT)
                    .background(BackgroundSource.image(reference)).build();
            try (Detector detector = Detector.open(MODEL, exact);
                    Detector plain = Detector.open(MODEL,
                            options().iouThreshold(1).maxDetections(100_000).kernels(tier).build())) {
                Masks.all(HEIGHT, WIDTH, 8, 6).forEach((name, mask) -> {
                    if (!mask.isEmpty()) {
                        List<Detection> all = plain.detect(composite(mask, reference));
                        List<Detection> some = detector.detect(PHOTO, mask);
                        // Rows that equal the reference's are not computed, so only the others' boxes are there.
                        for (Detection found : some) {
                            assertTrue(all.stream().anyMatch(d -> same(d, found)),
                                    found + " is not in the composite, mask " + name + ", " + tier);
                        }
                        assertTrue(!some.isEmpty(), "a mask without detections shows nothing: " + name);
                        if (mask.isFull()) {
                            assertEquals(all, some, "full mask, " + tier);
                        }
                    }
                });
            }
        }
    }

    private static boolean same(Detection a, Detection b) {
        return a.classId() == b.classId() && Math.abs(a.score() - b.score()) < 1e-3
                && Math.abs(a.box().x() - b.box().x()) < 0.05 && Math.abs(a.box().y() - b.box().y()) < 0.05
                && Math.abs(a.box().width() - b.box().width()) < 0.05
                && Math.abs(a.box().height() - b.box().height()) < 0.05;
    }

    private static Image composite(Mask mask, Image reference) {
        byte[] pixels = new byte[3 * WIDTH * HEIGHT];
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                int rgb = (mask.get(y / mask.cell(), x / mask.cell()) ? PHOTO : reference).rgb(x, y);
                for (int c = 0; c < 3; c++) {
                    pixels[3 * (y * WIDTH + x) + c] = (byte) (rgb >> 16 - 8 * c);
                }
            }
        }
        return Image.ofRgb(pixels, WIDTH, HEIGHT, 3 * WIDTH);
    }
}
