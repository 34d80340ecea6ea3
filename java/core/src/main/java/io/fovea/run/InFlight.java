package io.fovea.run;

/** Counts the calls under way, so that closing waits for them and later calls fail. */
final class InFlight {
    private final String what;
    private int calls;
    private boolean closed;

    InFlight(String what) {
        this.what = what;
    }

    synchronized void enter() {
        if (closed) {
            throw new IllegalStateException(what + " is closed");
        }
        calls++;
    }

    synchronized void exit() {
        calls--;
        notifyAll();
    }

    /** Refuses new calls and waits for those under way; returns false if it was closed before. */
    synchronized boolean close() {
        boolean first = !closed;
        closed = true;
        boolean interrupted = false;
        while (calls > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return first;
    }
}
