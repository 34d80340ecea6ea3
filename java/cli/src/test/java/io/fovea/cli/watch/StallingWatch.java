package io.fovea.cli.watch;

import io.fovea.Detector;
import io.fovea.VideoDetector;
import io.fovea.frame.Frame;
import io.fovea.frame.FrameSource;
import io.fovea.image.Image;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;

/** A program that watches a camera which falls silent after some frames; arguments: model, JSON file, folder of pictures, stall seconds. */
final class StallingWatch {
    static final int FRAMES = 6;

    private StallingWatch() {
    }

    /** Some frames, then nothing, for ever; a read cannot be interrupted. */
    private static final class Silent implements FrameSource {
        private int given;

        @Override
        public String name() {
            return "silent";
        }

        @Override
        public Frame next() {
            if (given < FRAMES) {
                byte[] pixels = new byte[3 * 64 * 64];
                Arrays.fill(pixels, 0, given * pixels.length / FRAMES, (byte) 200);
                return new Frame(Image.ofRgb(pixels, 64, 64, 3 * 64), given, given++);
            }
            while (true) {
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    given = FRAMES;
                }
            }
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
        public void close() {
        }
    }

    public static void main(String[] args) throws IOException {
        int code;
        try (FrameSource source = new Silent();
                Detector detector = Detector.open(Path.of(args[0]));
                VideoDetector stream = detector.video();
                Writer json = Files.newBufferedWriter(Path.of(args[1]))) {
            code = new WatchRun(source, detector, stream, new WatchRun.Sinks(json, Path.of(args[2])), 0.5f, true)
                    .run(1, Integer.parseInt(args[3]), new PrintWriter(System.out), new PrintWriter(System.err));
        }
        System.exit(code);
    }
}
