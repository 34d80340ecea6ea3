package io.fovea.cli.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.frame.Frame;
import io.fovea.frame.FrameException;
import io.fovea.frame.FrameSource;
import io.fovea.image.Image;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class FramePumpTest {

    /** Gives some frames, then waits for ever, fails or ends. */
    private static final class Made implements FrameSource {
        private final int frames;
        private final boolean stalls;
        private final boolean fails;
        private final CountDownLatch never = new CountDownLatch(1);
        private int given;

        private Made(int frames, boolean stalls, boolean fails) {
            this.frames = frames;
            this.stalls = stalls;
            this.fails = fails;
        }

        @Override
        public String name() {
            return "made";
        }

        @Override
        public synchronized Frame next() {
            if (given < frames) {
                return new Frame(Image.ofRgb(new byte[3], 1, 1, 3), given, given++);
            }
            if (stalls) {
                // As native code does: not to be interrupted.
                boolean waiting = true;
                while (waiting) {
                    try {
                        never.await();
                        waiting = false;
                    } catch (InterruptedException e) {
                        waiting = true;
                    }
                }
            }
            if (fails) {
                throw new FrameException("made", "torn", null);
            }
            return null;
        }

        @Override
        public double framesPerSecond() {
            return 0;
        }

        @Override
        public long count() {
            return -1;
        }

        @Override
        public synchronized void close() {
            given = frames;
        }
    }

    @Test
    void framesComeInOrderAndThenTheEnd() throws InterruptedException {
        try (FramePump pump = new FramePump(new Made(10, false, false), 4)) {
            for (int i = 0; i < 10; i += 4) {
                assertEquals(i, assertInstanceOf(FramePump.Got.class, pump.next(5000)).frame().index());
            }
            assertEquals(10, assertInstanceOf(FramePump.End.class, pump.next(5000)).frames());
        }
    }

    @Test
    void aFailureComesAfterTheFramesBeforeIt() throws InterruptedException {
        try (FramePump pump = new FramePump(new Made(2, false, true), 1)) {
            pump.next(5000);
            pump.next(5000);
            assertTrue(assertInstanceOf(FramePump.Failed.class, pump.next(5000)).reason().getMessage()
                    .contains("made: torn"));
        }
    }

    @Test
    void aSourceThatHangsIsToldAndDoesNotHoldTheEnd() throws InterruptedException {
        Made source = new Made(1, true, false);
        long start = System.nanoTime();
        try (FramePump pump = new FramePump(source, 1)) {
            assertInstanceOf(FramePump.Got.class, pump.next(5000));
            assertInstanceOf(FramePump.Stalled.class, pump.next(50));
        }
        assertTrue(System.nanoTime() - start < 10_000_000_000L, "closing waits for the source");
        source.never.countDown();
    }
}
