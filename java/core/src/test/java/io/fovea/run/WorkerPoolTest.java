package io.fovea.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import io.fovea.testing.SmallDetector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Leasing workers and splitting kernels among them. */
@Timeout(60)
class WorkerPoolTest {

    /** Counts how often each unit is computed and by whom; can fail at one unit. */
    private static final class CountingKernel implements RowKernel {
        final AtomicIntegerArray done;
        final Set<Thread> threads = ConcurrentHashMap.newKeySet();
        final Set<Scratch> scratches = ConcurrentHashMap.newKeySet();
        volatile int bad = -1;

        CountingKernel(int units) {
            done = new AtomicIntegerArray(units);
        }

        @Override
        public String name() {
            return "test/counting";
        }

        @Override
        public int units(Operands operands) {
            return done.length();
        }

        @Override
        public void run(Operands operands, int from, int to, Scratch scratch) {
            threads.add(Thread.currentThread());
            scratches.add(scratch);
            for (int u = from; u < to; u++) {
                if (u == bad) {
                    throw new IllegalArgumentException("unit " + u + " is bad");
                }
                done.incrementAndGet(u);
            }
        }
    }

    @Test
    void everyUnitIsComputedOnce() {
        WorkerPool pool = new WorkerPool(3);
        Scratch own = new Scratch();
        try (Team team = pool.lease(3)) {
            assertEquals(3, team.size());
            for (int units : new int[]{0, 1, 2, 3, 7, 64, 1000}) {
                CountingKernel kernel = new CountingKernel(units);
                for (int round = 1; round <= 50; round++) {
                    team.run(kernel, new Operands(), own);
                    for (int u = 0; u < units; u++) {
                        assertEquals(round, kernel.done.get(u), "unit " + u + " of " + units + ", round " + round);
                    }
                }
                assertEquals(kernel.threads.size(), kernel.scratches.size(), "a scratch for each thread");
            }
        }
    }

    @Test
    void aFailureInAnyUnitIsThrownAndLeavesThePoolUsable() {
        WorkerPool pool = new WorkerPool(3);
        try (Team team = pool.lease(3)) {
            for (int bad : new int[]{0, 31, 63}) {
                CountingKernel kernel = new CountingKernel(64);
                kernel.bad = bad;
                IllegalStateException e = assertThrows(IllegalStateException.class,
                        () -> team.run(kernel, new Operands(), new Scratch()));
                assertTrue(e.getMessage().contains("test/counting") && e.getMessage().contains("is bad"), e.toString());
                CountingKernel good = new CountingKernel(64);
                team.run(good, new Operands(), new Scratch());
                for (int u = 0; u < 64; u++) {
                    assertEquals(1, good.done.get(u), "unit " + u + " after a failure at " + bad);
                }
            }
        }
    }

    @Test
    void workersThatAreTakenAreNotThereForOthers() {
        WorkerPool pool = new WorkerPool(3);
        Team first = pool.lease(2);
        Team second = pool.lease(8);
        Team third = pool.lease(2);
        assertEquals(List.of(2, 2, 1), List.of(first.size(), second.size(), third.size()));
        first.close();
        third.close();
        Team fourth = pool.lease(3);
        assertEquals(2, fourth.size());
        fourth.close();
        second.close();
        try (Team all = pool.lease(3)) {
            assertEquals(3, all.size());
        }
        assertEquals(1, new WorkerPool(1).lease(4).size(), "a pool of one thread");
        assertEquals(1, pool.lease(1).size(), "a caller that wants no help");
    }

    @Test
    void manyCallersNeverLeaseMoreThanThereIs() throws InterruptedException {
        WorkerPool pool = new WorkerPool(3);
        AtomicInteger leased = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Set<Thread> workers = ConcurrentHashMap.newKeySet();
        inParallel(6, caller -> {
            for (int i = 0; i < 200; i++) {
                try (Team team = pool.lease(2 + caller % 2)) {
                    most.accumulateAndGet(leased.addAndGet(team.size() - 1), Math::max);
                    CountingKernel kernel = new CountingKernel(40);
                    team.run(kernel, new Operands(), new Scratch());
                    for (int u = 0; u < 40; u++) {
                        assertEquals(1, kernel.done.get(u), "unit " + u + " of caller " + caller);
                    }
                    kernel.threads.remove(Thread.currentThread());
                    workers.addAll(kernel.threads);
                    leased.addAndGet(1 - team.size());
                }
            }
        });
        assertTrue(most.get() <= 2, "leased at once: " + most.get());
        assertTrue(workers.size() <= 2, "workers seen: " + workers);
    }

    @Test
    void severalSessionsShareTheProcessWideWorkers() throws InterruptedException {
        Set<Thread> before = workers();
        List<Session> sessions = new ArrayList<>();
        for (int s = 0; s < 3; s++) {
            sessions.add(Session.open(SmallDetector.of(s).graph(), new SessionOptions(2, "vector")));
        }
        inParallel(6, caller -> {
            Session session = sessions.get(caller % 3);
            for (int i = 0; i < 50; i++) {
                session.run(new float[session.plan().graph().inputShape().values()]);
            }
        });
        Set<Thread> started = workers();
        started.removeAll(before);
        assertTrue(started.size() < WorkerPool.shared().size(), "workers started: " + started);
        sessions.forEach(Session::close);
    }

    private static Set<Thread> workers() {
        Set<Thread> workers = new HashSet<>(Thread.getAllStackTraces().keySet());
        workers.removeIf(t -> !t.getName().startsWith("fovea-worker-"));
        return workers;
    }

    /** Something that a numbered thread does. */
    @FunctionalInterface
    interface Task {
        /** Does it. */
        void run(int number) throws Exception;
    }

    /** Runs a task in so many threads at once and throws what the first of them threw. */
    static void inParallel(int threads, Task task) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> started = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int number = t;
            started.add(Thread.ofPlatform().start(() -> {
                try {
                    task.run(number);
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                }
            }));
        }
        for (Thread thread : started) {
            thread.join();
        }
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
    }
}
