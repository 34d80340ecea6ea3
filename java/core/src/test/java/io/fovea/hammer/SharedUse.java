package io.fovea.hammer;

import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.format.Model;
import io.fovea.image.Image;
import io.fovea.run.Gating;
import io.fovea.run.ReferenceBackground;
import io.fovea.run.Session;
import io.fovea.run.Workspace;
import io.fovea.sites.Mask;
import io.fovea.testing.Masks;
import io.fovea.testing.SmallDetector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Threads that use one detector, its session and one another's workspaces at once, interrupt one another, and close all of it under one
 * another. Nothing but an IllegalStateException may come of it.
 */
public final class SharedUse {
    private static final int THREADS = 5;
    private final Model model;
    private final Detector detector;
    private final Session session;
    private final List<Image> photos = new ArrayList<>();
    private final List<Mask> masks;
    private final Gating exact;
    private final Gating gated;
    private final AtomicReference<Workspace> shared = new AtomicReference<>();
    private final Thread[] threads = new Thread[THREADS];
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    private SharedUse(String tier, long seed) {
        model = SmallDetector.of(seed);
        detector = Detector.open(model, DetectorOptions.builder().kernels(tier).threads(1 + (int) (seed % 2))
                .scoreThreshold(0.3f).denseFallback(false).build());
        session = detector.session();
        for (int i = 0; i < 3; i++) {
            photos.add(SmallDetector.photo(20 + 9 * i, 40 - 5 * i, seed + i));
        }
        int height = model.spec().input().height();
        int width = model.spec().input().width();
        masks = List.copyOf(Masks.all(height, width, 8, seed).values());
        ReferenceBackground background = ReferenceBackground.of("grey", session, input -> input.fill((byte) 0));
        exact = Gating.exact(background);
        gated = Gating.gated(background);
    }

    /** Hammers detectors of several seeds with the kernels of {@code args[0]} for {@code args[1]} seconds, and at least four. */
    public static void main(String[] args) throws InterruptedException {
        long end = System.nanoTime() + Long.parseLong(args[1]) * 1_000_000_000L;
        long done = 0;
        long refused = 0;
        long seed = 1;
        for (; seed <= 4 || System.nanoTime() < end; seed++) {
            SharedUse round = new SharedUse(args[0], seed);
            round.play(seed);
            if (round.failure.get() != null) {
                System.out.println("FAILED seed " + seed);
                round.failure.get().printStackTrace(System.out);
                System.exit(1);
            }
            done += round.done.get();
            refused += round.refused.get();
        }
        System.out.println("DONE " + (seed - 1) + " detectors, " + done + " calls, " + refused + " refused");
    }

    private void play(long seed) throws InterruptedException {
        for (int t = 0; t < THREADS; t++) {
            Random random = new Random(seed * 100 + t);
            threads[t] = Thread.ofPlatform().unstarted(() -> work(random));
        }
        for (Thread thread : threads) {
            thread.start();
        }
        Thread.sleep(20 + seed * 37 % 130);
        // From two threads: the second one waits as well.
        Thread one = Thread.ofPlatform().start(detector::close);
        Thread other = Thread.ofPlatform().start(detector::close);
        for (Thread thread : threads) {
            thread.join();
        }
        // Only now: a thread that had leased before the closing may have left its workspace here after it.
        Workspace left = shared.getAndSet(null);
        if (left != null) {
            left.close();
        }
        one.join();
        other.join();
        try {
            detector.detect(photos.getFirst());
            throw new AssertionError("a closed detector detects");
        } catch (IllegalStateException e) {
            refused.incrementAndGet();
        }
    }

    private void work(Random random) {
        int closed = 0;
        while (closed < 3 && failure.get() == null) {
            try {
                act(random);
                done.incrementAndGet();
            } catch (IllegalStateException e) {
                refused.incrementAndGet();
                if (e.getMessage().equals("session is closed")) {
                    closed++;
                }
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        }
    }

    private void act(Random random) {
        Image photo = photos.get(random.nextInt(photos.size()));
        Mask mask = masks.get(random.nextInt(masks.size()));
        switch (random.nextInt(8)) {
            case 0 -> detector.detect(photo);
            case 1 -> detector.detect(photo, mask);
            case 2 -> session.run(new float[model.graph().inputShape().values()]);
            case 3 -> {
                try (Workspace own = session.lease()) {
                    own.run(mask, random.nextBoolean() ? exact : gated);
                    own.output("scores");
                }
            }
            case 4 -> {
                Workspace fresh = session.lease();
                Workspace old = shared.getAndSet(fresh);
                if (old != null) {
                    old.close();
                }
            }
            case 5 -> {
                Workspace theirs = shared.get();
                if (theirs != null) {
                    theirs.run(mask, random.nextBoolean() ? exact : gated);
                }
            }
            case 6 -> {
                Workspace theirs = shared.get();
                if (theirs != null) {
                    theirs.run();
                }
                if (random.nextInt(4) == 0 && theirs != null) {
                    theirs.close();
                }
            }
            default -> threads[random.nextInt(THREADS)].interrupt();
        }
        if (failure.get() == null && random.nextInt(200) == 0) {
            Workspace theirs = shared.get();
            if (theirs != null) {
                theirs.close();
            }
        }
    }
}
