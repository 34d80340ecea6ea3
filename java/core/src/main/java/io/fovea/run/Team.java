package io.fovea.run;

import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The threads of one run: the caller and the workers that it leased. Used by the caller only. Of every kernel's units each member takes its
 * own stretch first, the same share of them at every step: the rows that it reads are then mostly those that it wrote, and lie in its own
 * cache. Who is done takes from the others.
 */
final class Team implements AutoCloseable {
    static final Team ALONE = new Team(null, new Worker[0]);
    private static final int SPINS = 2_000;
    private static final int CHUNKS_PER_MEMBER = 4;
    /** Some microseconds of work: waking workers and waiting for them costs as much, and what bands share is computed twice. */
    private static final long WORTH_SHARING = 300_000;
    /** Ints between two members' counters, so that they lie in different cache lines. */
    private static final int APART = 32;

    private final WorkerPool pool;
    private final Worker[] workers;
    private final Runnable[] jobs;
    /** The next unit of each member's stretch. */
    private final AtomicIntegerArray next;
    private RowKernel kernel;
    private Operands operands;
    private int units;
    private int chunk;
    private volatile Throwable failure;

    Team(WorkerPool pool, Worker[] workers) {
        this.pool = pool;
        this.workers = workers;
        this.jobs = new Runnable[workers.length];
        this.next = new AtomicIntegerArray((workers.length + 1) * APART);
        for (int i = 0; i < jobs.length; i++) {
            Scratch scratch = workers[i].scratch();
            int member = i + 1;
            jobs[i] = () -> claim(member, scratch);
        }
    }

    /** Returns the number of threads. */
    int size() {
        return workers.length + 1;
    }

    /** As {@link #run(RowKernel, Operands, Scratch, long)}, shared whatever there is to do. */
    void run(RowKernel what, Operands on, Scratch own) {
        run(what, on, own, 0);
    }

    /**
     * Runs all units of a kernel and returns when they are done; a failure in any thread is thrown here.
     *
     * @param work multiply-accumulates of the call, or what takes as long; 0 when it is not known. Little is left to the calling thread
     */
    void run(RowKernel what, Operands on, Scratch own, long work) {
        int count = what.units(on);
        if (count == 0) {
            return;
        }
        if (workers.length == 0 || count == 1 || work > 0 && work < WORTH_SHARING) {
            what.run(on, 0, count, own);
            return;
        }
        kernel = what;
        operands = on;
        units = count;
        chunk = Math.max(1, count / (CHUNKS_PER_MEMBER * size()));
        failure = null;
        for (int member = 0; member < size(); member++) {
            next.set(member * APART, start(member));
        }
        for (int i = 0; i < workers.length; i++) {
            workers[i].submit(jobs[i]);
        }
        claim(0, own);
        for (Worker worker : workers) {
            // A worker without a processor cannot finish while its caller spins in its place.
            for (int spins = 0; !worker.isDone(); spins++) {
                if (spins < SPINS) {
                    Thread.onSpinWait();
                } else {
                    Thread.yield();
                }
            }
        }
        if (failure != null) {
            throw new IllegalStateException("kernel " + what.name() + " failed: " + failure, failure);
        }
    }

    /** Returns the first unit of a member's stretch. */
    private int start(int member) {
        return (int) ((long) units * member / size());
    }

    private void claim(int member, Scratch scratch) {
        RowKernel what = kernel;
        Operands on = operands;
        int step = chunk;
        int members = size();
        try {
            for (int i = 0; i < members; i++) {
                int of = (member + i) % members;
                int end = start(of + 1);
                for (int from = take(of, step); from < end; from = take(of, step)) {
                    what.run(on, from, Math.min(end, from + step), scratch);
                }
            }
        } catch (Throwable e) {
            failure = e;
            for (int i = 0; i < members; i++) {
                next.set(i * APART, start(i + 1));
            }
        }
    }

    private int take(int member, int step) {
        return next.getAndAdd(member * APART, step);
    }

    @Override
    public void close() {
        if (pool != null) {
            pool.release(workers);
        }
    }
}
