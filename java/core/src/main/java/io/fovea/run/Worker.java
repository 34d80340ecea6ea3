package io.fovea.run;

import io.fovea.kernel.Scratch;
import java.util.concurrent.locks.LockSupport;

/** A pool thread that waits for jobs of the team that leased it. */
final class Worker implements Runnable {
    private static final int SPINS = 20_000;
    private final Thread thread;
    private final Scratch scratch = new Scratch();
    private volatile Runnable job;
    private volatile boolean parked;

    Worker(int number) {
        thread = new Thread(this, "fovea-worker-" + number);
        thread.setDaemon(true);
        thread.start();
    }

    Scratch scratch() {
        return scratch;
    }

    /** Hands over a job; the previous one must be done. */
    void submit(Runnable next) {
        job = next;
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    /** Returns whether the job handed over last is done. */
    boolean isDone() {
        return job == null;
    }

    @Override
    public void run() {
        int spins = 0;
        while (true) {
            Runnable next = job;
            if (next == null) {
                if (++spins < SPINS) {
                    Thread.onSpinWait();
                } else {
                    parked = true;
                    if (job == null) {
                        LockSupport.park(this);
                    }
                    parked = false;
                    spins = 0;
                }
                continue;
            }
            spins = 0;
            try {
                next.run();
            } finally {
                job = null;
            }
        }
    }
}
