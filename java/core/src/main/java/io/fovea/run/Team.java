package io.fovea.run;

import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.Scratch;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads of one run: the caller and the workers that it leased. Used by the caller only. */
final class Team implements AutoCloseable {
    static final Team ALONE = new Team(null, new Worker[0]);
    private static final int SPINS = 2_000;
    private static final int CHUNKS_PER_MEMBER = 4;
    /** Some microseconds of work: waking workers and waiting for them costs as much, and what bands share is computed twice. */
    private static final long WORTH_SHARING = 300_000;

    private final WorkerPool pool;
    private final Worker[] workers;
    private final Runnable[] jobs;
    private final AtomicInteger next = new AtomicInteger();
    private RowKernel kernel;
    private Operands operands;
    private int units;
    private int chunk;
    private volatile Throwable failure;

    Team(WorkerPool pool, Worker[] workers) {
        this.pool = pool;
        this.workers = workers;
        this.jobs = new Runnable[workers.length];
        for (int i = 0; i < jobs.length; i++) {
            Scratch scratch = workers[i].scratch();
            jobs[i] = () -> claim(scratch);
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
     * @param macs multiply-accumulates of the call, 0 when it is not made of these; a few are left to the calling thread
     */
    void run(RowKernel what, Operands on, Scratch own, long macs) {
        int count = what.units(on);
        if (count == 0) {
            return;
        }
        if (workers.length == 0 || count == 1 || macs > 0 && macs < WORTH_SHARING) {
            what.run(on, 0, count, own);
            return;
        }
        kernel = what;
        operands = on;
        units = count;
        chunk = Math.max(1, count / (CHUNKS_PER_MEMBER * size()));
        failure = null;
        next.set(0);
        for (int i = 0; i < workers.length; i++) {
            workers[i].submit(jobs[i]);
        }
        claim(own);
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

    private void claim(Scratch scratch) {
        RowKernel what = kernel;
        Operands on = operands;
        int end = units;
        int step = chunk;
        try {
            for (int from = next.getAndAdd(step); from < end; from = next.getAndAdd(step)) {
                what.run(on, from, Math.min(end, from + step), scratch);
            }
        } catch (Throwable e) {
            failure = e;
            next.set(end);
        }
    }

    @Override
    public void close() {
        if (pool != null) {
            pool.release(workers);
        }
    }
}
