package io.fovea.run;

import java.util.ArrayList;
import java.util.List;

/**
 * Worker threads of the whole process, so that several detectors and callers together never use more threads than processors. A
 * caller leases a {@link Team} for one run; workers that are taken are simply not there for others, who then run with fewer.
 *
 * <p>Size: system property {@code fovea.threads}, else the processors that the JVM sees (which obeys containers). The calling thread
 * counts, so the pool holds one thread less. Workers are daemons, started when first needed; they spin for some microseconds
 * between steps and park when nothing comes.
 */
public final class WorkerPool {
    private static final WorkerPool SHARED = new WorkerPool(
            Math.max(1, Integer.getInteger("fovea.threads", Runtime.getRuntime().availableProcessors())));

    private final int size;
    private final List<Worker> idle = new ArrayList<>();
    private int started;

    WorkerPool(int size) {
        this.size = size;
    }

    /** Returns the process-wide pool. */
    public static WorkerPool shared() {
        return SHARED;
    }

    /** Returns the number of threads that may work at once, the caller included. */
    public int size() {
        return size;
    }

    /**
     * Leases up to {@code threads - 1} workers; the caller is the first member of the team.
     *
     * @param threads wanted members, at least 1
     */
    Team lease(int threads) {
        if (threads <= 1 || size <= 1) {
            return Team.ALONE;
        }
        List<Worker> members = new ArrayList<>();
        synchronized (this) {
            while (members.size() < threads - 1) {
                if (!idle.isEmpty()) {
                    members.add(idle.removeLast());
                } else if (started < size - 1) {
                    members.add(new Worker(++started));
                } else {
                    break;
                }
            }
        }
        return members.isEmpty() ? Team.ALONE : new Team(this, members.toArray(Worker[]::new));
    }

    synchronized void release(Worker[] members) {
        for (Worker worker : members) {
            idle.add(worker);
        }
    }
}
