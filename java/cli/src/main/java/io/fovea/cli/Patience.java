package io.fovea.cli;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Says what is going on when something takes longer than a second. Close it when that is done. */
public final class Patience implements AutoCloseable {
    private final CountDownLatch done = new CountDownLatch(1);

    /**
     * Starts waiting.
     *
     * @param err where the line is printed
     * @param line what is going on
     */
    public Patience(PrintWriter err, String line) {
        Thread.ofVirtual().start(() -> {
            try {
                if (!done.await(1, TimeUnit.SECONDS)) {
                    err.println(line);
                    err.flush();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() {
        done.countDown();
    }
}
