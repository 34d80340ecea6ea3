package io.fovea.lab.eval;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Runs independent pieces of work by index on a number of threads; every piece writes to its own place, so that the result does
 * not depend on their order. */
public final class Parallel {
    private Parallel() {
    }

    /**
     * Calls {@code work} once for each of 0 .. count - 1.
     *
     * @throws RuntimeException the first failure; pieces not yet begun are then left out
     */
    public static void forEach(int count, int threads, IntConsumer work) {
        int workers = Math.min(threads, count);
        if (workers <= 1) {
            for (int i = 0; i < count; i++) {
                work.accept(i);
            }
            return;
        }
        AtomicInteger next = new AtomicInteger();
        try (ExecutorService pool = Executors.newFixedThreadPool(workers, Thread.ofPlatform().daemon().factory())) {
            Future<?>[] running = new Future<?>[workers];
            for (int w = 0; w < workers; w++) {
                running[w] = pool.submit(() -> {
                    for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                        try {
                            work.accept(i);
                        } catch (RuntimeException | Error e) {
                            next.set(count);
                            throw e;
                        }
                    }
                });
            }
            for (Future<?> f : running) {
                await(f);
            }
        }
    }

    private static void await(Future<?> f) {
        try {
            f.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException r -> throw r;
                case Error r -> throw r;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }
}
