package io.fovea.cli.watch;

import io.fovea.frame.Frame;
import io.fovea.frame.FrameSource;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Reads a source in a thread of its own, a few frames ahead, so that a source that stalls can be told from one that is slow and never
 * holds up the program's end. For one reading thread.
 */
final class FramePump implements AutoCloseable {
    private static final int AHEAD = 4;
    private final FrameSource source;
    private final int every;
    private final BlockingQueue<Item> queue = new ArrayBlockingQueue<>(AHEAD);
    private final Thread thread;
    private volatile boolean stopped;

    /** What the source gave. */
    sealed interface Item {
    }

    /** A frame. */
    record Got(Frame frame) implements Item {}

    /** The end. */
    record End(long frames) implements Item {}

    /** A failure; nothing follows. */
    record Failed(RuntimeException reason) implements Item {}

    /** Nothing came in time. */
    record Stalled() implements Item {}

    /**
     * Starts reading.
     *
     * @param source what is read; closed by {@link #close}
     * @param every hands out each so-manieth frame
     */
    FramePump(FrameSource source, int every) {
        this.source = source;
        this.every = every;
        this.thread = Thread.ofPlatform().daemon().name("fovea-frames").start(this::read);
    }

    private void read() {
        try {
            long frames = 0;
            for (Frame frame = source.next(); frame != null && !stopped; frame = source.next()) {
                if (frames++ % every == 0) {
                    queue.put(new Got(frame));
                }
            }
            queue.put(new End(frames));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void failed(RuntimeException reason) {
        try {
            queue.put(new Failed(reason));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns what comes next; {@link Stalled} when nothing comes within so many milliseconds. */
    Item next(long millis) throws InterruptedException {
        Item item = queue.poll(millis, TimeUnit.MILLISECONDS);
        return item == null ? new Stalled() : item;
    }

    @Override
    public void close() {
        stopped = true;
        thread.interrupt();
        // A source that hangs in a read keeps its thread, which is a daemon, and its lock.
        Thread closer = Thread.ofPlatform().daemon().name("fovea-frames-close").start(source::close);
        try {
            closer.join(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
