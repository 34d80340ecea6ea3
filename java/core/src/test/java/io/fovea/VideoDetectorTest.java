package io.fovea;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.VideoOptions.NewSize;
import io.fovea.format.Model;
import io.fovea.gate.Gate;
import io.fovea.gate.Motion.Key;
import io.fovea.gate.MotionSettings;
import io.fovea.gate.RegionGate;
import io.fovea.gate.RegionGate.Region;
import io.fovea.image.Image;
import io.fovea.sites.Mask;
import io.fovea.testing.SmallDetector;
import io.fovea.testing.SquareDetector;
import io.fovea.testing.Tiers;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Streams of made pictures. */
class VideoDetectorTest {
    private static final VideoOptions PLAIN = VideoOptions.DEFAULT
            .withMotion(MotionSettings.DEFAULT.withKeyEvery(0));

    private static Detector squares() {
        return Detector.open(SquareDetector.model(), DetectorOptions.builder().kernels("vector").build());
    }

    @Property(seed = Seeds.BUILD, tries = 12, shrinking = ShrinkingMode.OFF)
    void withExactOptionsEveryFrameEqualsTheDenseDetector(@ForAll long seed) {
        Model model = SmallDetector.of(seed);
        Random random = new Random(seed);
        int width = model.spec().input().width();
        int height = model.spec().input().height();
        for (String tier : Tiers.of(seed)) {
            // Nothing is suppressed or left over, so that every row shows.
            DetectorOptions options = DetectorOptions.builder().kernels(tier).scoreThreshold(0.001f).iouThreshold(1)
                    .maxDetections(1_000_000).build();
            try (Detector detector = Detector.open(model, options);
                    VideoDetector stream = detector.video(VideoOptions.EXACT)) {
                byte[] pixels = new byte[3 * width * height];
                random.nextBytes(pixels);
                int computed = 0;
                for (int frame = 0; frame < 6; frame++) {
                    Image image = Image.ofRgb(pixels, width, height, 3 * width);
                    VideoResult result = stream.detect(image);
                    assertSame(detector.detect(image), result.detections(),
                            "frame " + frame + ", seed " + seed + ", " + tier);
                    computed += result.isKeyFrame() ? 1 : 0;
                    for (int i = random.nextInt(12); i > 0; i--) {
                        pixels[random.nextInt(pixels.length)] ^= (byte) (1 << random.nextInt(8));
                    }
                }
                assertEquals(1, computed, "key frames");
            }
        }
    }

    /** Boxes and scores within 1e-3 of a pixel and of a score; scores near each other may change places. */
    private static void assertSame(List<Detection> want, List<Detection> got, String repro) {
        assertEquals(want.size(), got.size(), 0.02 * want.size() + 2, "detections, " + repro);
        int missing = 0;
        for (Detection w : want) {
            boolean found = got.stream().anyMatch(g -> g.classId() == w.classId()
                    && Math.abs(g.score() - w.score()) < 1e-3 && near(g.box(), w.box()));
            missing += found ? 0 : 1;
            assertTrue(found || w.score() < 0.002, w + " is missing, " + repro);
        }
        assertTrue(missing <= 2 + 0.02 * want.size(), missing + " are missing, " + repro);
    }

    private static boolean near(Box a, Box b) {
        return Math.abs(a.x() - b.x()) < 0.02 && Math.abs(a.y() - b.y()) < 0.02
                && Math.abs(a.width() - b.width()) < 0.02 && Math.abs(a.height() - b.height()) < 0.02;
    }

    @Test
    void anUnchangedFrameCostsNothingAndShowsTheSame() {
        try (Detector detector = squares(); VideoDetector stream = detector.video(PLAIN)) {
            Image picture = SquareDetector.picture(30, 40, 0, new Random(1));
            VideoResult first = stream.detect(picture);
            assertEquals(Key.FIRST, first.motion().key());
            assertEquals(first.work().denseMacs(), first.work().executedMacs());
            assertEquals(detector.detect(picture), first.detections());
            assertFalse(first.detections().isEmpty(), "nothing found shows nothing");
            VideoResult second = stream.detect(picture);
            assertEquals(first.detections(), second.detections());
            assertEquals(0, second.work().executedMacs());
            assertEquals(0, second.work().activeShare());
            assertEquals(0, second.timings().netMillis());
            assertFalse(second.isKeyFrame());
        }
    }

    @Test
    void aCutIsAKeyFrame() {
        try (Detector detector = squares(); VideoDetector stream = detector.video(PLAIN)) {
            stream.detect(SquareDetector.picture(30, 40, 0, new Random(1)));
            byte[] other = new byte[3 * SquareDetector.SIDE * SquareDetector.SIDE];
            Arrays.fill(other, (byte) 140);
            Image cut = Image.ofRgb(other, SquareDetector.SIDE, SquareDetector.SIDE, 3 * SquareDetector.SIDE);
            VideoResult result = stream.detect(cut);
            assertEquals(Key.CUT, result.motion().key());
            assertTrue(result.mask().isFull());
            assertEquals(detector.detect(cut), result.detections());
        }
    }

    @Property(seed = Seeds.BUILD, tries = 8, shrinking = ShrinkingMode.OFF)
    void aMovingSquareIsNeverLost(@ForAll long seed) {
        Random random = new Random(seed);
        try (Detector detector = squares(); VideoDetector stream = detector.video(PLAIN)) {
            double x = 10 + random.nextInt(50);
            double y = 10 + random.nextInt(50);
            double dx = random.nextDouble() * 6 - 3;
            double dy = random.nextDouble() * 6 - 3;
            long executed = 0;
            long dense = 0;
            for (int frame = 0; frame < 60; frame++) {
                Image picture = SquareDetector.picture((int) x, (int) y, 2, random);
                VideoResult result = stream.detect(picture);
                executed += result.work().executedMacs();
                dense += result.work().denseMacs();
                Box best = result.detections().isEmpty() ? null : result.detections().getFirst().box();
                String repro = "frame " + frame + " of seed " + seed + ": square at " + x + ", " + y + ", found "
                        + result.detections();
                assertTrue(best != null, repro);
                assertEquals(x + 10, best.x() + best.width() / 2, 12, repro);
                assertEquals(y + 10, best.y() + best.height() / 2, 12, repro);
                for (Detection ghost : result.detections()) {
                    assertEquals(x + 10, ghost.box().x() + ghost.box().width() / 2, 24, "ghost, " + repro);
                }
                dx = x + dx < 0 || x + dx > SquareDetector.SIDE - 20 ? -dx : dx;
                dy = y + dy < 0 || y + dy > SquareDetector.SIDE - 20 ? -dy : dy;
                x += dx;
                y += dy;
            }
            assertTrue(executed < 0.8 * dense, "executed " + executed + " of " + dense + ", seed " + seed);
        }
    }

    /** Smooth hills of light, so that one pixel of shift or a little more light changes no cell by as much as the threshold. */
    private static Image hills(double x, double y, double light) {
        int side = SquareDetector.SIDE;
        byte[] pixels = new byte[3 * side * side];
        for (int row = 0; row < side; row++) {
            for (int column = 0; column < side; column++) {
                double value = light + 60
                        + 115 * (hill(column - 26 - x, row - 30 - y) + hill(column - 70 - x, row - 66 - y));
                Arrays.fill(pixels, 3 * (row * side + column), 3 * (row * side + column) + 3,
                        (byte) Math.clamp(Math.round(value), 0, 255));
            }
        }
        return Image.ofRgb(pixels, side, side, 3 * side);
    }

    private static double hill(double x, double y) {
        return Math.exp(-(x * x + y * y) / (2 * 14 * 14));
    }

    /** What a stream did of 120 made frames: objects that the dense detector was sure of, how many of them it lost, key frames. */
    private record Lost(int objects, int lost, int keys) {}

    /** The dense detector's objects of score .5 are to be found with .3: a pixel changes a score on a slope by as much. */
    private static Lost lost(MotionSettings motion, long seed, boolean moves, boolean fades) {
        int objects = 0;
        int lost = 0;
        int keys = 0;
        Random random = new Random(seed);
        DetectorOptions options = DetectorOptions.builder().kernels("vector").scoreThreshold(0.3f).build();
        try (Detector detector = Detector.open(SquareDetector.model(), options);
                VideoDetector stream = detector.video(PLAIN.withMotion(motion))) {
            int x = 0;
            int y = 0;
            for (int frame = 0; frame < 120; frame++) {
                Image picture = hills(x, y, fades ? 35 * Math.sin((frame + seed) * Math.PI / 60) : 0);
                VideoResult result = stream.detect(picture);
                keys += result.isKeyFrame() ? 1 : 0;
                for (Detection want : detector.detect(picture)) {
                    if (want.score() >= 0.5) {
                        objects++;
                        lost += result.detections().stream().anyMatch(d -> overlap(d.box(), want.box()) >= 0.5)
                                ? 0
                                : 1;
                    }
                }
                x += moves && frame % 3 == 0 ? Math.clamp(random.nextInt(3) - 1, -8 - x, 8 - x) : 0;
                y += moves && frame % 3 == 0 ? Math.clamp(random.nextInt(3) - 1, -8 - y, 8 - y) : 0;
            }
        }
        return new Lost(objects, lost, keys);
    }

    private static double overlap(Box a, Box b) {
        double wide = Math.min(a.x() + a.width(), b.x() + b.width()) - Math.max(a.x(), b.x());
        double high = Math.min(a.y() + a.height(), b.y() + b.height()) - Math.max(a.y(), b.y());
        double both = Math.max(0, wide) * Math.max(0, high);
        return both / (a.width() * a.height() + b.width() * b.height() - both);
    }

    @Property(seed = Seeds.BUILD, tries = 4, shrinking = ShrinkingMode.OFF)
    void aCameraThatDriftsByAPixelLosesNothing(@ForAll long seed) {
        MotionSettings motion = PLAIN.motion();
        Lost with = lost(motion, seed, true, false);
        assertEquals(0, with.lost(), with + ", seed " + seed);
        assertTrue(with.objects() > 100 && with.keys() < 60, with + ", seed " + seed);
        Lost without = lost(motion.withShift(0), seed, true, false);
        assertTrue(without.lost() > 5, "the scene shows nothing: " + without + ", seed " + seed);
    }

    @Property(seed = Seeds.BUILD, tries = 4, shrinking = ShrinkingMode.OFF)
    void aLightThatChangesSlowlyLosesNothing(@ForAll @IntRange(max = 1000) int seed) {
        MotionSettings motion = PLAIN.motion();
        Lost with = lost(motion.withDriftShare(0.25), seed, false, true);
        assertEquals(0, with.lost(), with + ", seed " + seed);
        assertTrue(with.objects() > 100 && with.keys() > 10 && with.keys() < 60, with + ", seed " + seed);
        Lost usual = lost(motion, seed, false, true);
        assertTrue(usual.keys() > 3, "key frames with the default settings: " + usual + ", seed " + seed);
        Lost without = lost(motion.withDriftShare(1000), seed, false, true);
        assertTrue(without.lost() > 5, "the scene shows nothing: " + without + ", seed " + seed);
    }

    @Test
    void aStandingObjectStaysAndAnotherMoves() {
        try (Detector detector = squares(); VideoDetector stream = detector.video(PLAIN)) {
            Random random = new Random(4);
            byte[] with = new byte[0];
            for (int frame = 0; frame < 20; frame++) {
                Image standing = SquareDetector.picture(4, 4, 0, random);
                byte[] pixels = standing.pixels().toArray(ValueLayout.JAVA_BYTE);
                for (int y = 60; y < 80; y++) {
                    for (int x = 2 * frame; x < 2 * frame + 20; x++) {
                        Arrays.fill(pixels, 3 * (y * SquareDetector.SIDE + x),
                                3 * (y * SquareDetector.SIDE + x) + 3, (byte) 230);
                    }
                }
                with = pixels;
                VideoResult result = stream.detect(Image.ofRgb(with, SquareDetector.SIDE, SquareDetector.SIDE,
                        3 * SquareDetector.SIDE));
                assertTrue(result.detections().stream().anyMatch(d -> d.box().y() < 20), "standing, frame " + frame);
                assertTrue(result.detections().stream().anyMatch(d -> d.box().y() > 50), "moving, frame " + frame);
            }
        }
    }

    @Test
    void regionsCanBeComputedInEveryFrame() {
        RegionGate region = new RegionGate(List.of(new Region(0, 0, 30, 30)), 8);
        try (Detector detector = squares(); VideoDetector stream = detector.video(PLAIN.withAlways(region))) {
            Image picture = SquareDetector.picture(60, 60, 0, new Random(1));
            stream.detect(picture);
            VideoResult second = stream.detect(picture);
            assertEquals(region.mask(picture, SquareDetector.SIDE, SquareDetector.SIDE), second.mask());
            assertTrue(second.work().executedMacs() > 0);
        }
    }

    @Test
    void nothingIsComputedOrFoundOutsideARegion() {
        RegionGate left = new RegionGate(List.of(new Region(0, 0, 48, 96)), 8);
        Random random = new Random(8);
        try (Detector detector = squares();
                VideoDetector stream = detector
                        .video(PLAIN.withWithin(left).withMotion(PLAIN.motion().withKeyEvery(7)))) {
            int inside = 0;
            for (int frame = 0; frame < 40; frame++) {
                Image picture = SquareDetector.picture(2 * frame, 36, 1, random);
                VideoResult result = stream.detect(picture);
                assertTrue(frame == 0 || result.isKeyFrame() == (frame % 7 == 0), "frame " + frame);
                Mask allowed = left.mask(picture, SquareDetector.SIDE, SquareDetector.SIDE);
                assertTrue(frame == 0 || result.mask().union(allowed).equals(allowed), "computed, frame " + frame);
                assertTrue(result.detections().stream().allMatch(d -> d.box().x() < 48), result + ", frame " + frame);
                if (frame < 10) {
                    assertFalse(result.detections().isEmpty(), "lost in frame " + frame);
                }
                inside += result.detections().isEmpty() ? 0 : 1;
                if (frame > 34) {
                    assertTrue(result.detections().isEmpty(), "ghost: " + result.detections() + ", frame " + frame);
                    assertTrue(result.isKeyFrame() || result.work().executedMacs() == 0, "frame " + frame);
                }
            }
            assertTrue(inside > 10 && inside < 32, "frames with a square inside: " + inside);
        }
    }

    @Test
    void aGateThatExpectsObjectsNarrowsWhatIsComputed() {
        AtomicInteger asked = new AtomicInteger();
        Gate blind = new Gate() {
            @Override
            public Mask mask(Image image, int height, int width) {
                asked.incrementAndGet();
                return Mask.uniform(height, width, 8, false);
            }

            @Override
            public long macs() {
                return 1000;
            }

            @Override
            public boolean isRestriction() {
                return false;
            }
        };
        try (Detector detector = squares(); VideoDetector stream = detector.video(PLAIN.withWithin(blind))) {
            assertFalse(stream.detect(SquareDetector.picture(10, 10, 0, new Random(1))).detections().isEmpty());
            assertEquals(0, stream.detect(SquareDetector.picture(10, 10, 0, new Random(1))).work().gateMacs());
            assertEquals(0, asked.get(), "nothing changed");
            VideoResult moved = stream.detect(SquareDetector.picture(64, 64, 0, new Random(1)));
            assertEquals(1, asked.get());
            assertEquals(1000, moved.work().gateMacs());
            assertTrue(moved.detections().isEmpty(), "gone from where it was, not expected where it is: " + moved);
            assertTrue(moved.mask().get(2, 2) && !moved.mask().get(9, 9), "computed: " + moved.mask());
        }
    }

    @Test
    void aFrameOfAnotherSizeIsRefusedOrBeginsAnew() {
        Image small = SquareDetector.picture(30, 40, 0, new Random(1));
        Image wide = SmallDetector.photo(120, 80, 3);
        try (Detector detector = squares();
                VideoDetector refuses = detector.video(PLAIN);
                VideoDetector resets = detector.video(PLAIN.withNewSize(NewSize.RESET))) {
            VideoResult first = refuses.detect(small);
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> refuses.detect(wide));
            assertEquals("frame of 120x80 pixels in a stream of 96x96", e.getMessage());
            assertEquals(first.detections(), refuses.detect(small).detections());
            assertFalse(refuses.detect(small).isKeyFrame(), "the stream stayed as it was");
            refuses.reset();
            assertEquals(Key.FIRST, refuses.detect(wide).motion().key());
            resets.detect(small);
            assertEquals(Key.FIRST, resets.detect(wide).motion().key());
        }
    }

    @Test
    void closedStreamsAndDetectorsRefuseFrames() {
        Image picture = SquareDetector.picture(30, 40, 0, new Random(1));
        Detector detector = squares();
        VideoDetector stream = detector.video(PLAIN);
        VideoDetector orphan = detector.video(PLAIN);
        orphan.detect(picture);
        stream.close();
        stream.close();
        assertEquals("video detector is closed",
                assertThrows(IllegalStateException.class, () -> stream.detect(picture)).getMessage());
        detector.close();
        assertThrows(IllegalStateException.class, () -> orphan.detect(picture));
        assertThrows(IllegalStateException.class, detector::video);
        orphan.close();
    }
}
