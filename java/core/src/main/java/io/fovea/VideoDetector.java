package io.fovea;

import io.fovea.DetectionResult.Work;
import io.fovea.VideoOptions.NewSize;
import io.fovea.VideoResult.Timings;
import io.fovea.gate.Motion;
import io.fovea.gate.Motion.Key;
import io.fovea.gate.MotionGate;
import io.fovea.head.HeadDecoder;
import io.fovea.head.HeadMemory;
import io.fovea.image.Image;
import io.fovea.run.Gating;
import io.fovea.run.RememberedBackground;
import io.fovea.run.Workspace;
import io.fovea.sites.Mask;
import java.util.List;

/**
 * Finds objects in the frames of one fixed camera and computes only what changed: cells that look as they did are not computed, layers
 * read there what the net computed last, and objects that stand still stay detected.
 *
 * <pre>{@code
 * try (Detector detector = Detector.open(Path.of("model.onnx")); VideoDetector stream = detector.video()) {
 *     for (Image frame : frames) {
 *         VideoResult result = stream.detect(frame);
 *     }
 * }
 * }</pre>
 *
 * <p>One per stream and <b>not thread-safe</b>: it remembers the frames before. Several streams of one {@link Detector} may run in several
 * threads; they share weights and worker threads. Each holds some tens of megabytes outside the heap (about 27 for SSDLite at 300x300)
 * until it is closed.
 */
public final class VideoDetector implements AutoCloseable {
    private final Detector detector;
    private final VideoOptions options;
    private final Detector.StreamNet net;
    private final RememberedBackground remembered;
    private final Gating gating;
    private final MotionGate motion;
    private final StreamPlaces places;
    private final HeadMemory memory = new HeadMemory();
    private final HeadDecoder.Buffers buffers = new HeadDecoder.Buffers();
    private List<Detection> last = List.of();
    private Mask allowed;
    private boolean[] allowedRows;
    private int width;
    private int height;
    private boolean closed;

    VideoDetector(Detector detector, VideoOptions options) {
        this.detector = detector;
        this.options = options;
        this.net = detector.streamNet();
        var input = detector.spec().input();
        this.motion = new MotionGate(input.height(), input.width(), input.scale(), options.motion());
        this.places = new StreamPlaces(options, input.height(), input.width());
        this.remembered = new RememberedBackground(net.session(), options.mode());
        this.gating = new Gating(options.mode(), options.mode() == Gating.Mode.EXACT ? 0 : options.coarseShare(),
                remembered);
    }

    /**
     * Finds the objects in the stream's next frame.
     *
     * @param frame of the same size as the frames before, unless the options allow another
     * @throws IllegalArgumentException if its size is another; the stream stays as it was
     * @throws IllegalStateException if the stream or the detector is closed
     */
    public VideoResult detect(Image frame) {
        if (closed) {
            throw new IllegalStateException("video detector is closed");
        }
        checkSize(frame);
        boolean done = false;
        try (Workspace workspace = net.session().lease()) {
            VideoResult result = detect(frame, workspace);
            done = true;
            return result;
        } finally {
            if (!done) {
                reset();
            }
        }
    }

    private VideoResult detect(Image frame, Workspace workspace) {
        long start = System.nanoTime();
        detector.encoder().encode(frame, workspace.input());
        long encoded = System.nanoTime();
        Motion seen = motion.look(workspace.input());
        places.begin(frame);
        Mask mask;
        if (seen.isKey()) {
            mask = places.ofKey(seen.mask(), remembered.isComplete());
            motion.acceptAll(workspace.input());
        } else {
            mask = places.of(seen.mask(), frame, last);
            motion.accept(workspace.input(), places.seen(mask));
        }
        long looked = System.nanoTime();
        double before = (encoded - start) / 1e6;
        double gate = (looked - encoded) / 1e6;
        long dense = net.session().denseMacs();
        if (mask.isEmpty()) {
            return new VideoResult(last, seen, mask, new Timings(before, gate, 0, 0, 0),
                    new Work(0, dense, 0, places.macs()));
        }
        restrict(workspace);
        if (mask.isFull()) {
            remembered.run(workspace);
        } else {
            remembered.run(workspace, mask, gating);
        }
        if (!workspace.isMasked()) {
            motion.acceptedAll();
            mask = Mask.uniform(mask.inputHeight(), mask.inputWidth(), mask.cell(), true);
            if (!seen.isKey()) {
                seen = new Motion(seen.mask(), Key.BUSY, seen.changedShare(), seen.noise(), seen.threshold());
            }
        }
        long computed = System.nanoTime();
        net.decoder().update(workspace, buffers, memory);
        last = detector.detections(allowedRows == null ? memory.candidates() : memory.candidates(allowedRows),
                buffers.nms(), frame);
        long decoded = System.nanoTime();
        return new VideoResult(last, seen, mask, new Timings(before, gate, (computed - looked) / 1e6,
                remembered.writeNanos() / 1e6, (decoded - computed) / 1e6),
                new Work(mask.share(), dense, workspace.executedMacs(), places.macs()));
    }

    /** Finds out which rows of the head lie in the region, when that is another than before. */
    private void restrict(Workspace workspace) {
        if (places.region() == null) {
            allowedRows = null;
        } else if (!places.region().equals(allowed)) {
            workspace.choose(places.region(),
                    new Gating(Gating.Mode.GATED, Gating.DEFAULT_COARSE_SHARE, remembered));
            allowedRows = net.decoder().maskedRows(workspace);
        }
        allowed = places.region();
    }

    private void checkSize(Image frame) {
        if (width != 0 && (frame.width() != width || frame.height() != height)) {
            if (options.onNewSize() == NewSize.REFUSE) {
                throw new IllegalArgumentException("frame of " + frame.width() + "x" + frame.height()
                        + " pixels in a stream of " + width + "x" + height);
            }
            reset();
        }
        width = frame.width();
        height = frame.height();
    }

    /** Forgets everything: the next frame, of any size, is a key frame. */
    public void reset() {
        width = 0;
        height = 0;
        motion.reset();
        remembered.forget();
        memory.forget();
        last = List.of();
    }

    /** Returns the options. */
    public VideoOptions options() {
        return options;
    }

    /** Returns the bytes outside the heap that the stream holds. */
    public long byteSize() {
        return remembered.byteSize();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            remembered.close();
        }
    }
}
