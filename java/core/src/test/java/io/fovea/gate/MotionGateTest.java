package io.fovea.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Seeds;
import io.fovea.gate.Motion.Key;
import io.fovea.sites.Mask;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What counts as a change, and what makes a key frame. Frames are in grey levels times 1/100. */
class MotionGateTest {
    private static final int HEIGHT = 50;
    private static final int WIDTH = 61;
    private static final MotionSettings PLAIN = new MotionSettings(12.75, 6, 8, 0, 1, 0, 0.5, 0.5, 0.75);

    private static MotionGate gate(MotionSettings settings) {
        return new MotionGate(HEIGHT, WIDTH, List.of(0.01f, 0.01f, 0.01f), settings);
    }

    private static float[] scene(long seed) {
        Random random = new Random(seed);
        float[] pixels = new float[3 * HEIGHT * WIDTH];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = random.nextInt(200) / 100f;
        }
        return pixels;
    }

    private static MemorySegment input(float[] pixels) {
        return MemorySegment.ofArray(pixels);
    }

    private static float[] brighter(float[] from, int left, int top, int size, float levels) {
        float[] pixels = from.clone();
        for (int y = Math.max(0, top); y < Math.min(HEIGHT, top + size); y++) {
            for (int x = Math.max(0, left); x < Math.min(WIDTH, left + size); x++) {
                pixels[3 * (y * WIDTH + x) + 1] += levels / 100;
            }
        }
        return pixels;
    }

    private static float[] noisy(float[] from, double levels, Random random) {
        float[] pixels = from.clone();
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] += (float) (random.nextGaussian() * levels / 100);
        }
        return pixels;
    }

    private static void first(MotionGate gate, float[] scene) {
        assertEquals(Key.FIRST, gate.look(input(scene)).key());
        gate.acceptAll(input(scene));
    }

    @Property(seed = Seeds.BUILD, tries = 100)
    void aBlockThatChangedMarksItsCellsAndNoOthers(@ForAll @IntRange(min = 0, max = WIDTH - 4) int left,
            @ForAll @IntRange(min = 0, max = HEIGHT - 4) int top) {
        float[] scene = scene(1);
        MotionGate gate = gate(PLAIN);
        first(gate, scene);
        int x = left / 4 * 4;
        int y = top / 4 * 4;
        Motion motion = gate.look(input(brighter(scene, x, y, 4, 20)));
        assertEquals(Mask.uniform(HEIGHT, WIDTH, 8, false).withRectangle(x, y, x + 4, y + 4), motion.mask());
        assertEquals(1.0 / (7 * 8), motion.changedShare(), 1e-9);
        assertTrue(gate.look(input(brighter(scene, x, y, 4, 10))).mask().isEmpty(), "below the threshold");
    }

    @Test
    void changedCellsAreGrownAndSmallRegionsLeftOut() {
        float[] scene = scene(2);
        float[] moved = brighter(scene, 24, 24, 4, 30);
        MotionGate wide = gate(PLAIN.withDilation(2));
        first(wide, scene);
        assertEquals(Mask.uniform(HEIGHT, WIDTH, 8, false).withRectangle(8, 8, 48, 48),
                wide.look(input(moved)).mask());
        MotionGate deaf = gate(PLAIN.withMinRegion(3));
        first(deaf, scene);
        assertTrue(deaf.look(input(brighter(scene, 24, 24, 16, 30).clone())).mask().share() > 0, "four cells");
        assertTrue(deaf.look(input(brighter(scene, 24, 24, 8, 30))).mask().isEmpty(), "one cell");
    }

    @Test
    void slowChangesAddUpUntilTheyCount() {
        float[] scene = scene(3);
        MotionGate gate = gate(PLAIN);
        first(gate, scene);
        int counted = -1;
        for (int frame = 1; frame <= 10 && counted < 0; frame++) {
            float[] next = brighter(scene, 16, 16, 8, 3 * frame);
            Motion motion = gate.look(input(next));
            counted = motion.mask().isEmpty() ? -1 : frame;
            gate.accept(input(next), motion.mask());
        }
        assertEquals(5, counted, "3 levels a frame, threshold 12.75");
    }

    @Property(seed = Seeds.BUILD, tries = 10)
    void noiseIsMeasuredAndDoesNotCount(@ForAll long seed, @ForAll @IntRange(min = 1, max = 30) int level) {
        Random random = new Random(seed);
        float[] scene = scene(seed);
        MotionGate gate = gate(PLAIN.withThreshold(2));
        first(gate, noisy(scene, level, random));
        Motion motion = null;
        int active = 0;
        for (int frame = 0; frame < 40; frame++) {
            // Before it has seen two frames it knows of no noise.
            float[] next = noisy(scene, level, random);
            motion = gate.look(input(next));
            assertTrue(frame == 0 || !motion.isKey(), motion + ", seed " + seed);
            active += frame < 5 || motion.mask().isEmpty() ? 0 : 1;
            if (motion.isKey()) {
                gate.acceptAll(input(next));
            } else {
                gate.accept(input(next), motion.mask());
            }
        }
        // Two frames' means of 16 pixels differ by level / 4 * sqrt 2.
        assertEquals(level * Math.sqrt(2) / 4, motion.noise(), 0.1 * level + 0.1, "seed " + seed);
        assertTrue(active <= 10, active + " of 35 frames of noise counted as motion, seed " + seed);
        assertFalse(gate.look(input(brighter(scene, 8, 8, 16, 10 * level + 20))).mask().isEmpty(), "motion in noise");
    }

    @Test
    void cutsDriftsAndPeriodsMakeKeyFrames() {
        float[] scene = scene(4);
        assertEquals(Key.CUT, second(scene, scene(5)).key(), "another scene");
        assertEquals(Key.CUT, second(scene, brighter(scene, 0, 0, 100, 40)).key(), "a light");
        assertTrue(second(scene, scene(5)).mask().isFull());
        assertEquals(Key.DRIFT, second(scene, brighter(scene, 0, 0, 100, 9)).key());
        Motion lighter = second(scene, brighter(brighter(scene, 0, 0, 100, 5), 16, 16, 8, 9));
        assertTrue(lighter.mask().isEmpty(), "a little more light is no motion: " + lighter);
        MotionGate periodic = gate(PLAIN.withKeyEvery(3));
        first(periodic, scene);
        for (int frame = 1; frame <= 7; frame++) {
            Motion motion = periodic.look(input(scene));
            assertEquals(frame % 3 == 0 ? Key.PERIOD : Key.NONE, motion.key(), "frame " + frame);
            if (motion.isKey()) {
                periodic.acceptAll(input(scene));
            } else {
                periodic.accept(input(scene), motion.mask());
            }
        }
        periodic.reset();
        assertEquals(Key.FIRST, periodic.look(input(scene)).key());
    }

    /** A smooth scene, moved by so many pixels and so much lighter, that no cell changes by as much as the threshold. */
    private static float[] hills(double dx, double dy, double levels) {
        float[] pixels = new float[3 * HEIGHT * WIDTH];
        for (int i = 0; i < pixels.length; i++) {
            double x = i / 3 % WIDTH - dx;
            double y = i / 3 / WIDTH - dy;
            pixels[i] = (float) (100 + 30 * Math.sin(x / 9) * Math.cos(y / 11) + 20 * Math.cos((x + y) / 13) + levels)
                    / 100;
        }
        return pixels;
    }

    @Property(seed = Seeds.BUILD, tries = 100)
    void aCameraThatMovedMakesAKeyFrame(@ForAll long seed) {
        Random random = new Random(seed);
        double angle = random.nextDouble() * 2 * Math.PI;
        double pixels = random.nextDouble() * 1.5;
        float[] moved = noisy(hills(pixels * Math.cos(angle), pixels * Math.sin(angle), 4 * random.nextDouble()),
                random.nextDouble(), random);
        String repro = pixels + " px, seed " + seed;
        Motion motion = second(hills(0, 0, 0), moved);
        if (pixels > 0.9 || pixels < 0.6) {
            assertEquals(pixels > 0.9 ? Key.DRIFT : Key.NONE, motion.key(), repro);
        }
        assertEquals(0, motion.changedShare(), repro);
        assertFalse(gateAfter(PLAIN.withShift(0), hills(0, 0, 0)).look(input(moved)).isKey(), "no such rule, " + repro);
    }

    @Test
    void whatMovesByItselfIsNoShiftOfTheCamera() {
        float[] scene = hills(0, 0, 0);
        for (int at = 0; at < 40; at += 4) {
            Motion motion = second(scene, brighter(scene, at, 12, 16, 40));
            assertEquals(Key.NONE, motion.key(), "something at " + at);
            assertFalse(motion.mask().isEmpty());
        }
    }

    private static MotionGate gateAfter(MotionSettings settings, float[] first) {
        MotionGate gate = gate(settings);
        first(gate, first);
        return gate;
    }

    /** Returns what a fresh gate says of two frames. */
    private static Motion second(float[] first, float[] second) {
        MotionGate gate = gate(PLAIN);
        first(gate, first);
        return gate.look(input(second));
    }

    @Property(seed = Seeds.BUILD, tries = 100)
    void exactlyTheCellsWithAnyOtherBitAreMarkedAtThresholdZero(@ForAll long seed) {
        Random random = new Random(seed);
        float[] scene = scene(seed);
        MotionGate gate = gate(MotionSettings.EXACT.withCell(1 + random.nextInt(9)));
        first(gate, scene);
        float[] next = scene.clone();
        Mask want = Mask.uniform(HEIGHT, WIDTH, gate.settings().cell(), false);
        for (int i = random.nextInt(6); i > 0; i--) {
            int at = random.nextInt(next.length);
            next[at] = Math.nextUp(next[at]);
            int x = at / 3 % WIDTH;
            int y = at / 3 / WIDTH;
            want = want.withRectangle(x, y, x + 1, y + 1);
        }
        Mask got = gate.look(input(next)).mask();
        assertEquals(want, got, "seed " + seed);
        gate.accept(input(next), got);
        assertTrue(gate.look(input(next)).mask().isEmpty(), "seed " + seed);
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> PLAIN.withThreshold(-1));
        assertThrows(IllegalArgumentException.class, () -> PLAIN.withThreshold(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> PLAIN.withDilation(-1));
        assertThrows(IllegalArgumentException.class, () -> PLAIN.withMinRegion(0));
        assertThrows(IllegalArgumentException.class, () -> PLAIN.withCell(0));
        assertThrows(IllegalArgumentException.class, () -> PLAIN.withKeyEvery(-2));
        assertThrows(IllegalArgumentException.class, () -> PLAIN.withNoiseFactor(-0.1));
        assertThrows(IllegalArgumentException.class, () -> PLAIN.withShift(-1));
        assertThrows(IllegalArgumentException.class, () -> PLAIN.withDriftShare(0));
        assertThrows(IllegalArgumentException.class, () -> gate(PLAIN).look(MemorySegment.ofArray(new float[9])));
    }
}
