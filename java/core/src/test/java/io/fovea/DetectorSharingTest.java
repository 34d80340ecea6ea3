package io.fovea;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.fovea.format.Model;
import io.fovea.image.Image;
import io.fovea.sites.Mask;
import io.fovea.testing.Masks;
import io.fovea.testing.SmallDetector;
import io.fovea.testing.Tiers;
import io.fovea.testing.ZooNets;
import io.fovea.zoo.ZooModels;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One detector under many callers, and what a call costs in garbage. */
@Timeout(120)
class DetectorSharingTest {
    private static final long ALLOWED_BYTES = 64 * 1024;
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private static DetectorOptions options(String tier, int threads) {
        return DetectorOptions.builder().kernels(tier).threads(threads).scoreThreshold(0.3f).denseFallback(false)
                .build();
    }

    @Test
    void manyCallersGetWhatOneAfterAnotherGets() throws InterruptedException, ExecutionException {
        Model model = SmallDetector.of(8);
        int height = model.spec().input().height();
        int width = model.spec().input().width();
        for (String tier : Tiers.fast()) {
            for (int threads = 1; threads <= 2; threads++) {
                try (Detector detector = Detector.open(model, options(tier, threads));
                        ExecutorService callers = Executors.newFixedThreadPool(6)) {
                    List<Image> photos = new ArrayList<>();
                    List<Mask> masks = new ArrayList<>(Masks.all(height, width, 8, 3).values());
                    masks.add(null);
                    for (int i = 0; i < 24; i++) {
                        photos.add(SmallDetector.photo(30 + i, 60 - i, i));
                    }
                    List<List<Detection>> want = new ArrayList<>();
                    for (int i = 0; i < 24; i++) {
                        want.add(detect(detector, photos.get(i), masks.get(i % masks.size())));
                    }
                    assertTrue(want.stream().mapToInt(List::size).sum() > 50, "too few detections to compare");
                    List<Future<List<Detection>>> got = new ArrayList<>();
                    for (int i = 0; i < 240; i++) {
                        int n = i * 5 % 24;
                        got.add(callers.submit(() -> detect(detector, photos.get(n), masks.get(n % masks.size()))));
                    }
                    for (int i = 0; i < 240; i++) {
                        assertEquals(want.get(i * 5 % 24), got.get(i).get(),
                                tier + ", threads " + threads + ", call " + i);
                    }
                }
            }
        }
    }

    private static List<Detection> detect(Detector detector, Image photo, Mask mask) {
        return mask == null ? detector.detect(photo) : detector.detect(photo, mask);
    }

    @Test
    void closedDetectorsRefuseCallsAndMayBeClosedAgain() {
        Detector detector = Detector.open(SmallDetector.of(8), options("vector", 1));
        Image photo = SmallDetector.photo(20, 20, 1);
        detector.detect(photo);
        detector.close();
        detector.close();
        assertThrows(IllegalStateException.class, () -> detector.detect(photo));
        Mask mask = Mask.uniform(detector.spec().input().height(), detector.spec().input().width(), 8, true);
        assertThrows(IllegalStateException.class, () -> detector.detect(photo, mask));
        detector.close();
    }

    @Test
    void masksOfAnotherInputAreRefusedAndEmptyOnesFindNothing() {
        try (Detector detector = Detector.open(SmallDetector.of(8), options("vector", 1))) {
            int height = detector.spec().input().height();
            int width = detector.spec().input().width();
            Image photo = SmallDetector.photo(20, 20, 1);
            assertFalse(detector.detect(photo).isEmpty(), "a photo without detections shows nothing");
            assertTrue(detector.detect(photo, Mask.uniform(height, width, 8, false)).isEmpty());
            assertEquals(detector.detect(photo), detector.detect(photo, Mask.uniform(height, width, 8, true)));
            assertThrows(IllegalArgumentException.class,
                    () -> detector.detect(photo, Mask.uniform(height + 8, width, 8, true)));
            assertThrows(NullPointerException.class, () -> detector.detect(photo, null));
        }
    }

    @Test
    void smallDetectorsAllocateLittleBesidesTheirResult() {
        allocatesLittle(SmallDetector.of(8), SmallDetector.photo(200, 150, 1));
    }

    @Test
    void theZoosDetectorAllocatesLittleBesidesItsResult() {
        allocatesLittle(ZooNets.model(ZooModels.SSDLITE), ZooNets.photo());
    }

    private static void allocatesLittle(Model model, Image photo) {
        Mask mask = Masks.blobs(model.spec().input().height(), model.spec().input().width(), 8, new Random(2));
        for (String tier : Tiers.fast()) {
            for (int threads = 1; threads <= 2; threads++) {
                try (Detector detector = Detector.open(model, options(tier, threads))) {
                    Map<String, Runnable> calls = Map.of("dense", () -> detector.detect(photo), "masked",
                            () -> detector.detect(photo, mask));
                    calls.forEach((name, call) -> {
                        long bytes = steadyAllocation(call);
                        assertTrue(bytes <= ALLOWED_BYTES, name + " call of " + detector.spec().name() + " allocates "
                                + bytes + " bytes, kernels " + detector.kernels());
                    });
                }
            }
        }
    }

    /**
     * Runs a call until five in a row allocate no more than is allowed in all threads of the library, which means that the code is
     * compiled; returns what the most wasteful of them took, or the least ever seen when patience ends.
     */
    private static long steadyAllocation(Runnable call) {
        long start = System.nanoTime();
        long least = Long.MAX_VALUE;
        long most = 0;
        int good = 0;
        while (good < 5) {
            long before = allocated();
            call.run();
            long bytes = allocated() - before;
            least = Math.min(least, bytes);
            good = bytes <= ALLOWED_BYTES ? good + 1 : 0;
            most = good == 0 ? 0 : Math.max(most, bytes);
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                return least;
            }
        }
        return most;
    }

    private static long allocated() {
        ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = bean.getCurrentThreadAllocatedBytes();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("fovea-worker-")) {
                sum += Math.max(0, bean.getThreadAllocatedBytes(thread.threadId()));
            }
        }
        return sum;
    }
}
