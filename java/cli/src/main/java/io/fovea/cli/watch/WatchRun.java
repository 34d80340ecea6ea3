package io.fovea.cli.watch;

import io.fovea.Detection;
import io.fovea.Detector;
import io.fovea.VideoDetector;
import io.fovea.VideoResult;
import io.fovea.cli.Lines;
import io.fovea.frame.Frame;
import io.fovea.frame.FrameException;
import io.fovea.frame.FrameSink;
import io.fovea.frame.FrameSource;
import io.fovea.frame.Frames;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One stream from its first frame to its last, or until somebody stops the program. */
final class WatchRun {
    private static final long TICK_MILLIS = 100;
    private static final long PATIENCE_SECONDS = 10;
    private static final double DEFAULT_RATE = 25;
    private final FrameSource source;
    private final Detector detector;
    private final VideoDetector stream;
    private final Sinks sinks;
    private final float threshold;
    private final WatchSummary summary;
    private final boolean compareDense;
    private FrameSink pictures;
    private volatile boolean stopped;

    /**
     * Where results go.
     *
     * @param json lines of JSON
     * @param pictures file or folder of annotated frames, or null
     */
    record Sinks(Writer json, Path pictures) {}

    WatchRun(FrameSource source, Detector detector, VideoDetector stream, Sinks sinks, float threshold,
            boolean compareDense) {
        this.source = source;
        this.detector = detector;
        this.stream = stream;
        this.sinks = sinks;
        this.threshold = threshold;
        this.compareDense = compareDense;
        this.summary = new WatchSummary(compareDense);
    }

    /** Ends the run after the frame under way. */
    void stop() {
        stopped = true;
    }

    /**
     * Runs to the end, also when the JVM is told to end meanwhile: what was done is then written and summed up.
     *
     * @param every looks at each so-manieth frame
     * @param stall seconds without a frame after which it gives up
     * @return the exit code
     */
    int run(int every, int stall, PrintWriter out, PrintWriter err) throws IOException {
        CountDownLatch done = new CountDownLatch(1);
        Thread hook = new Thread(() -> {
            stop();
            try {
                done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            String complaint = frames(every, stall, err);
            sinks.json.write(summary.json());
            sinks.json.flush();
            out.println(summary.text());
            if (complaint != null) {
                err.println("fovea: " + complaint);
            }
            out.flush();
            err.flush();
            return complaint == null ? 0 : 1;
        } finally {
            done.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The JVM is ending already: the hook has done its work.
            }
        }
    }

    /** Returns what went wrong, or null. */
    private String frames(int every, int stall, PrintWriter err) throws IOException {
        try (FramePump pump = new FramePump(source, every); LiveLine live = new LiveLine(err, true)) {
            long waited = 0;
            while (!stopped) {
                switch (pump.next(TICK_MILLIS)) {
                    case FramePump.Got got -> {
                        waited = 0;
                        frame(got.frame(), live);
                    }
                    case FramePump.End end -> {
                        return ended(end.frames());
                    }
                    case FramePump.Failed failed -> {
                        return Lines.message(failed.reason());
                    }
                    case FramePump.Stalled stalled -> {
                        waited += TICK_MILLIS;
                        if (waited >= 1000L * stall) {
                            return source.name() + ": no frame for " + stall + " s";
                        }
                        if (waited % 1000 == 0) {
                            live.waiting(waited / 1000);
                        }
                    }
                }
            }
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } catch (IllegalArgumentException | FrameException e) {
            return Lines.message(e);
        } finally {
            if (pictures != null) {
                pictures.close();
            }
        }
    }

    private String ended(long frames) {
        if (frames == 0) {
            return source.name() + ": no frames in it";
        }
        return source.count() > frames + 1 + frames / 50
                ? source.name() + ": ends after " + frames + " of " + source.count() + " frames"
                : null;
    }

    private void frame(Frame frame, LiveLine live) throws IOException {
        VideoResult result;
        try {
            result = stream.detect(frame.image());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(source.name() + ": frame " + frame.index() + ": " + e.getMessage(), e);
        }
        summary.add(result);
        if (compareDense) {
            summary.compare(detector.detect(frame.image()), result.detections());
        }
        List<Detection> shown = result.detections().stream().filter(d -> d.score() > threshold).toList();
        sinks.json.write(WatchSummary.frame(frame.index(), result, shown));
        if (sinks.pictures != null) {
            if (pictures == null) {
                double rate = source.framesPerSecond() > 0 ? source.framesPerSecond() : DEFAULT_RATE;
                pictures = Frames.create(sinks.pictures, frame.image().width(), frame.image().height(), rate);
            }
            pictures.write(WatchPicture.draw(frame.image(), result, shown), frame.index(), frame.seconds());
        }
        live.show(summary.frames(), source.count(), result, shown);
    }
}
