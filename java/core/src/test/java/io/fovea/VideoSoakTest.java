package io.fovea;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.fovea.gate.MotionSettings;
import io.fovea.image.Image;
import io.fovea.testing.NativeMemory;
import io.fovea.testing.SquareDetector;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** 20,000 made frames on four streams in four threads: the same as one stream alone, with flat memory. */
@Timeout(600)
class VideoSoakTest {
    private static final int STREAMS = 4;
    private static final int FRAMES = 5000;
    private static final int SCENES = 40;
    private static final VideoOptions OPTIONS = VideoOptions.DEFAULT
            .withMotion(MotionSettings.DEFAULT.withKeyEvery(100));

    /** What a stream left: a hash of all results, and the garbage of its second and its last quarter. */
    private record Outcome(long hash, long found, long early, long late) {}

    private static List<Image> scenes(int stream) {
        Random random = new Random(stream);
        List<Image> scenes = new ArrayList<>();
        for (int i = 0; i < SCENES; i++) {
            scenes.add(SquareDetector.picture((3 * i + 11 * stream) % 70, (2 * i + 7 * stream) % 70, 1, random));
        }
        return scenes;
    }

    private static Outcome watch(Detector detector, List<Image> scenes) {
        ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long hash = 0;
        long found = 0;
        long[] garbage = new long[5];
        try (VideoDetector stream = detector.video(OPTIONS)) {
            for (int frame = 0; frame < FRAMES; frame++) {
                if (frame % (FRAMES / 4) == 0) {
                    garbage[frame / (FRAMES / 4)] = bean.getCurrentThreadAllocatedBytes();
                }
                VideoResult result = stream.detect(scenes.get(frame / 2 % SCENES));
                hash = 31 * hash + result.detections().hashCode();
                hash = 31 * hash + result.work().executedMacs();
                found += result.detections().size();
            }
        }
        garbage[4] = bean.getCurrentThreadAllocatedBytes();
        return new Outcome(hash, found, garbage[2] - garbage[1], garbage[4] - garbage[3]);
    }

    /** Returns the least of some readings, since the JVM's compiler borrows memory for a moment from the same allocator. */
    private static OptionalLong nativeBytes() throws InterruptedException {
        OptionalLong least = NativeMemory.bytes();
        for (int i = 0; i < 15 && least.isPresent(); i++) {
            System.gc();
            Thread.sleep(100);
            least = OptionalLong.of(Math.min(least.getAsLong(), NativeMemory.bytes().getAsLong()));
        }
        return least;
    }

    private static long heapBytes() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(20);
            Runtime runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    @Test
    void fourStreamsGiveWhatEachGivesAloneAndMemoryStaysFlat() throws InterruptedException, ExecutionException {
        try (Detector detector = Detector.open(SquareDetector.model(),
                DetectorOptions.builder().kernels("vector").build());
                ExecutorService threads = Executors.newFixedThreadPool(STREAMS)) {
            List<List<Image>> scenes = new ArrayList<>();
            List<Outcome> alone = new ArrayList<>();
            for (int s = 0; s < STREAMS; s++) {
                scenes.add(scenes(s));
            }
            // Twice together, so that every buffer that is ever needed stands before memory is looked at.
            List<Outcome> before = together(detector, threads, scenes);
            OptionalLong nativeBefore = nativeBytes();
            long heapBefore = heapBytes();
            List<Outcome> together = together(detector, threads, scenes);
            if (nativeBefore.isPresent()) {
                // The JVM itself grows now and then, by what other tests left it to compile; a leak grows every time.
                List<Long> readings = new ArrayList<>(List.of(nativeBefore.getAsLong(), nativeBytes().getAsLong()));
                while (readings.size() < 4 && readings.getLast() > readings.get(readings.size() - 2) + 8_000_000) {
                    together = together(detector, threads, scenes);
                    readings.add(nativeBytes().getAsLong());
                }
                assertTrue(readings.getLast() < readings.get(readings.size() - 2) + 8_000_000,
                        "native bytes grew with every round: " + readings);
            } else {
                System.out.println("SKIPPED native bytes: this C library does not tell them");
            }
            assertEquals(heapBefore, heapBytes(), 2_000_000, "heap bytes");
            alone.add(watch(detector, scenes.get(0)));
            alone.add(watch(detector, scenes.get(3)));
            assertEquals(alone.get(0).hash(), together.get(0).hash());
            assertEquals(alone.get(1).hash(), together.get(3).hash());
            // Code that is compiled anew makes garbage for a while; what each frame leaves behind does so every time.
            for (int again = 0; again < 2 && !wasteful(before, together).isEmpty(); again++) {
                together = together(detector, threads, scenes);
            }
            assertEquals(List.of(), wasteful(before, together), "streams that made more garbage than before");
            for (Outcome o : together) {
                assertTrue(o.found() > FRAMES, "too little was found to compare: " + o);
            }
        }
    }

    /** Returns which streams made clearly more garbage of the same frames than before. */
    private static List<String> wasteful(List<Outcome> before, List<Outcome> after) {
        List<String> streams = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            Outcome was = before.get(i);
            Outcome is = after.get(i);
            if (is.early() + is.late() >= 1.1 * (was.early() + was.late()) + 200_000) {
                streams.add(is + " after " + was);
            }
        }
        return streams;
    }

    private static List<Outcome> together(Detector detector, ExecutorService threads, List<List<Image>> scenes)
            throws InterruptedException, ExecutionException {
        List<Future<Outcome>> running = new ArrayList<>();
        for (List<Image> own : scenes) {
            running.add(threads.submit(() -> watch(detector, own)));
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (Future<Outcome> f : running) {
            outcomes.add(f.get());
        }
        return outcomes;
    }
}
