package io.fovea;

import io.fovea.DetectionResult.Timings;
import io.fovea.DetectionResult.Work;
import io.fovea.format.Calibration.HeadUnit;
import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.GateModel;
import io.fovea.format.Model;
import io.fovea.format.ModelFormatException;
import io.fovea.format.OnnxReader;
import io.fovea.gate.BackgroundSource;
import io.fovea.gate.Gate;
import io.fovea.gate.GateSettings;
import io.fovea.gate.ObjectnessGate;
import io.fovea.gate.TrainedGate;
import io.fovea.graph.Shape;
import io.fovea.head.Candidates;
import io.fovea.head.HeadDecoder;
import io.fovea.head.Nms;
import io.fovea.image.Image;
import io.fovea.image.InputEncoder;
import io.fovea.run.Books;
import io.fovea.run.Gating;
import io.fovea.run.Profile;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.SessionOptions.HeadGate;
import io.fovea.run.Workspace;
import io.fovea.sites.Mask;
import io.fovea.sites.Periphery;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An object detector: photo in, detections out.
 *
 * <pre>{@code
 * try (Detector detector = Detector.open(Path.of("model.onnx"))) {
 *     for (Detection found : detector.detect(Image.read(Path.of("photo.jpg")))) {
 *         System.out.println(found.label() + " " + found.score() + " " + found.box());
 *     }
 * }
 * }</pre>
 *
 * <p>Thread-safe: any number of threads may call one detector at once. Results are plain records; only the detector itself has to be
 * closed. Closing waits for calls under way; later calls throw IllegalStateException.
 */
public final class Detector implements AutoCloseable {
    private final Model model;
    private final DetectorOptions options;
    private final Session session;
    private final InputEncoder encoder;
    private final HeadDecoder decoder;
    private final float threshold;
    private final float iouThreshold;
    private final int maxDetections;
    private final Gate gate;
    private final ObjectnessGate ownGate;
    private volatile Gating gating;
    private StreamNet streamNet;
    private boolean closed;
    private final ArrayDeque<HeadDecoder.Buffers> buffers = new ArrayDeque<>();

    private Detector(Model model, DetectorOptions options) {
        this.model = model;
        this.options = options;
        DetectorSpec spec = model.spec();
        InputSpec input = spec.input();
        Shape shape = model.graph().inputShape();
        if (shape.channels() != 3 || shape.height() != input.height() || shape.width() != input.width()) {
            throw new ModelFormatException(
                    "the net's input is " + shape + ", the detector spec says " + input.height() + "x"
                            + input.width() + "x3");
        }
        boolean[] wanted = wanted(spec, options);
        this.threshold = options.scoreThreshold() != null ? options.scoreThreshold() : spec.nms().scoreThreshold();
        this.iouThreshold = options.iouThreshold() != null ? options.iouThreshold() : spec.nms().iouThreshold();
        this.maxDetections = options.maxDetections() != null ? options.maxDetections() : spec.nms().maxDetections();
        this.encoder = input.encoder();
        List<HeadUnit> units = model.calibration().headGate();
        HeadGate headGate = options.headGate() && !units.isEmpty()
                ? new HeadGate(spec.boxesOutput(), spec.scoresOutput(), units)
                : null;
        this.session = Session.open(model.graph(),
                new SessionOptions(options.threads(), options.kernels(), headGate, options.tuning(),
                        options.winograd()));
        try {
            this.decoder = new HeadDecoder(spec, session.plan(), wanted, threshold);
            this.ownGate = options.gate() == null ? openGate(options.trainedGate()) : null;
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
        this.gate = options.gate() == null ? ownGate : options.gate();
        if (options.background() == BackgroundSource.PERIPHERAL && (!takesPeriphery() || gate == null
                || gate instanceof ObjectnessGate objectness && !objectness.isPeripheral())) {
            close();
            throw new IllegalArgumentException("a peripheral background needs a gate that has one, and gated mode");
        }
    }

    private ObjectnessGate openGate(TrainedGate wanted) {
        if (wanted == null) {
            return null;
        }
        GateModel file = wanted.gate() != null ? wanted.gate() : model.gate();
        return file == null
                ? null
                : ObjectnessGate.open(file, model, GateSettings.DEFAULT
                        .running(options.threads(), options.kernels(), options.tuning(), options.winograd())
                        .masking(wanted.threshold(), wanted.cell(), wanted.margin()).periphery(takesPeriphery()));
    }

    private boolean takesPeriphery() {
        return options.mode() == Gating.Mode.GATED && options.background().takesPeriphery();
    }

    /**
     * Opens a model file with the default options.
     *
     * @param onnx an ONNX file that carries a detector spec, or has one beside it
     * @throws ModelFormatException if the file cannot be used; the message names the place
     */
    public static Detector open(Path onnx) {
        return open(onnx, DetectorOptions.DEFAULT);
    }

    /**
     * Opens a model file.
     *
     * @param onnx an ONNX file that carries a detector spec, or has one beside it
     * @param options settings
     * @throws ModelFormatException if the file cannot be used; the message names the place
     * @throws IllegalArgumentException if the options name a class that the model does not have
     * @throws IllegalStateException if the kernels asked for cannot run here
     */
    public static Detector open(Path onnx, DetectorOptions options) {
        return new Detector(OnnxReader.read(onnx), options);
    }

    /** Opens a model that is in memory; see {@link #open(Path, DetectorOptions)}. */
    public static Detector open(Model model, DetectorOptions options) {
        return new Detector(model, options);
    }

    private static boolean[] wanted(DetectorSpec spec, DetectorOptions options) {
        boolean[] wanted = new boolean[spec.classes().size()];
        Arrays.fill(wanted, options.classes().isEmpty());
        for (String label : options.classes()) {
            int index = spec.classes().indexOf(label);
            if (index < 0) {
                throw new IllegalArgumentException("class '" + label + "' is not one of the model's " + spec.classes());
            }
            wanted[index] = true;
        }
        return wanted;
    }

    /**
     * Finds objects.
     *
     * @param image the photo
     * @return detections, best first
     * @throws IllegalStateException if the detector is closed
     */
    public List<Detection> detect(Image image) {
        return run(image).detections();
    }

    /**
     * Finds objects where a mask allows them; the gate is not asked.
     *
     * @param image the photo
     * @param mask foreground, for this detector's input size
     * @return detections, best first
     * @throws IllegalArgumentException if the mask is for another input size
     * @throws IllegalStateException if the detector is closed
     */
    public List<Detection> detect(Image image, Mask mask) {
        return run(image, mask).detections();
    }

    /**
     * Finds objects, behind its gate if there is one, and says what that cost.
     *
     * @param image the photo
     * @throws IllegalStateException if the detector is closed
     */
    public DetectionResult run(Image image) {
        if (gate == null) {
            return run(image, null, null, 0);
        }
        long start = System.nanoTime();
        try (Gate.Answer answer = look(image)) {
            return run(image, answer.mask(), answer, System.nanoTime() - start);
        }
    }

    private Gate.Answer look(Image image) {
        return gate.look(image, spec().input().height(), spec().input().width());
    }

    /**
     * Finds objects where a mask allows them and says what that cost; the gate is not asked.
     *
     * @param image the photo
     * @param mask foreground, for this detector's input size
     * @throws IllegalArgumentException if the mask is for another input size
     * @throws IllegalStateException if the detector is closed
     */
    public DetectionResult run(Image image, Mask mask) {
        Objects.requireNonNull(mask, "mask");
        return run(image, mask, null, 0);
    }

    /** Runs behind a mask, or null; the answer is null when no gate was asked. */
    private DetectionResult run(Image image, Mask given, Gate.Answer answer, long gateNanos) {
        double gateMillis = gateNanos / 1e6;
        long gateMacs = answer == null ? 0 : answer.macs();
        try (Workspace workspace = session.lease()) {
            Mask mask = given == null ? null : checked(given).dilate(options.margin());
            long dense = session.denseMacs();
            if (mask != null && mask.isEmpty()) {
                return new DetectionResult(List.of(), new Timings(gateMillis, 0, 0, 0),
                        new Work(0, dense, 0, gateMacs));
            }
            long start = System.nanoTime();
            encoder.encode(image, workspace.input());
            long encoded = System.nanoTime();
            if (mask == null || mask.isFull()) {
                workspace.run();
            } else {
                workspace.run(mask, gating(answer == null ? null : answer.periphery()), options.denseFallback());
            }
            long computed = System.nanoTime();
            List<Detection> found = decode(workspace, image, answer == null || gate.isRestriction());
            long decoded = System.nanoTime();
            return new DetectionResult(found,
                    new Timings(gateMillis, (encoded - start) / 1e6, (computed - encoded) / 1e6,
                            (decoded - computed) / 1e6),
                    new Work(mask == null ? 1 : mask.share(), dense, workspace.executedMacs(),
                            gateMacs + workspace.backgroundMacs()));
        }
    }

    /** Returns the gate that is asked before every photo: the options', or the one that the detector opened; empty without one. */
    public Optional<Gate> gate() {
        return Optional.ofNullable(gate);
    }

    /**
     * Returns where the gate allows objects in a photo, grown by the options' margin; empty without a gate. It is what
     * {@link #run(Image)} works with.
     */
    public Optional<Mask> mask(Image image) {
        if (gate == null) {
            return Optional.empty();
        }
        try (Gate.Answer answer = look(image)) {
            return Optional.of(checked(answer.mask()).dilate(options.margin()));
        }
    }

    /**
     * Keeps the books of a call with a photo, layer by layer; the net runs twice for it.
     *
     * @param image the photo
     * @throws IllegalStateException if the detector is closed
     */
    public Books books(Image image) {
        return behindGate(image,
                (mask, gating, macs) -> Books.of(session, input -> encoder.encode(image, input), mask, gating,
                        options.denseFallback(), macs));
    }

    /**
     * Measures where the time of the net goes with a photo.
     *
     * @param image the photo
     * @param rounds rounds to measure, at least 1
     * @throws IllegalArgumentException if there is no round, or the gate allows nothing at all in this photo
     * @throws IllegalStateException if the detector is closed
     */
    public Profile profile(Image image, int rounds) {
        return behindGate(image, (mask, gating, macs) -> Profile.of(session, input -> encoder.encode(image, input),
                mask, gating, options.denseFallback(), macs, rounds));
    }

    /** What is done behind a mask, or null, that took a gate so many multiply-accumulates. */
    private interface Behind<T> {
        T mask(Mask mask, Gating gating, long gateMacs);
    }

    private <T> T behindGate(Image image, Behind<T> work) {
        if (gate == null) {
            return work.mask(null, null, 0);
        }
        try (Gate.Answer answer = look(image)) {
            return work.mask(checked(answer.mask()).dilate(options.margin()), gating(answer.periphery()),
                    answer.macs());
        }
    }

    private Mask checked(Mask mask) {
        InputSpec input = spec().input();
        if (mask.inputHeight() != input.height() || mask.inputWidth() != input.width()) {
            throw new IllegalArgumentException(
                    mask + " is for an input of " + mask.inputWidth() + "x" + mask.inputHeight()
                            + ", the detector's is " + input.width() + "x" + input.height());
        }
        return mask;
    }

    private Gating gating(Periphery periphery) {
        return gating().with(takesPeriphery() ? periphery : null);
    }

    /** Returns the gating of the options; its background is computed when it is first needed. */
    private Gating gating() {
        Gating known = gating;
        if (known == null) {
            synchronized (this) {
                known = gating;
                if (known == null) {
                    known = new Gating(options.mode(), options.mode() == Gating.Mode.EXACT ? 0 : coarseShare(),
                            Backgrounds.of(options, model, session, encoder));
                    gating = known;
                }
            }
        }
        return known;
    }

    private double coarseShare() {
        return options.coarseShare() != null
                ? options.coarseShare()
                : gate != null ? gate.coarseShare() : Gating.DEFAULT_COARSE_SHARE;
    }

    private List<Detection> decode(Workspace workspace, Image image, boolean allowedOnly) {
        HeadDecoder.Buffers own = takeBuffers();
        if (allowedOnly) {
            decoder.collect(workspace, own);
        } else {
            decoder.collectAll(workspace, own);
        }
        List<Detection> found = detections(own.candidates(), own.nms(), image);
        synchronized (buffers) {
            buffers.push(own);
        }
        return found;
    }

    /** Suppresses candidates and returns what stays, in pixels of the photo. */
    List<Detection> detections(Candidates candidates, Nms nms, Image image) {
        DetectorSpec spec = model.spec();
        int count = nms.run(candidates, spec.classes().size(), options.classAgnostic(), iouThreshold,
                spec.nms().maxPerClass(), maxDetections);
        float scaleX = (float) image.width() / spec.input().width();
        float scaleY = (float) image.height() / spec.input().height();
        List<Detection> found = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int c = nms.kept(i);
            float[] boxes = candidates.boxes();
            float left = clip(boxes[4 * c] * scaleX, image.width());
            float top = clip(boxes[4 * c + 1] * scaleY, image.height());
            float right = clip(boxes[4 * c + 2] * scaleX, image.width());
            float bottom = clip(boxes[4 * c + 3] * scaleY, image.height());
            found.add(
                    new Detection(spec.classes().get(candidates.classId(c)), candidates.classId(c), candidates.score(c),
                            new Box(left, top, right - left, bottom - top)));
        }
        return List.copyOf(found);
    }

    private static float clip(float value, int size) {
        return Math.min(Math.max(value, 0), size);
    }

    private HeadDecoder.Buffers takeBuffers() {
        synchronized (buffers) {
            if (!buffers.isEmpty()) {
                return buffers.pop();
            }
        }
        return new HeadDecoder.Buffers();
    }

    /** Returns the model. */
    public Model model() {
        return model;
    }

    /** Returns how the input is made and the outputs are read. */
    public DetectorSpec spec() {
        return model.spec();
    }

    /** Returns the planned net, for profiling. */
    public Session session() {
        return session;
    }

    /** Returns the kernel tiers in use, for people: for example {@code vector}, or {@code cpp+scalar}. */
    public String kernels() {
        return String.join("+", session.plan().steps().stream().map(s -> s.kernel().name().split("/")[0]).distinct()
                .sorted().toList());
    }

    /**
     * Begins a stream of frames from a fixed camera, with the default settings; see {@link #video(VideoOptions)}.
     *
     * @throws IllegalStateException if the detector is closed
     */
    public VideoDetector video() {
        return video(VideoOptions.DEFAULT);
    }

    /**
     * Begins a stream of frames from a fixed camera. Any number of streams share this detector's weights and threads; each has a memory
     * of its own. The caller closes the stream, before the detector. The detector's gate, mode, margin and background are not used by
     * streams.
     *
     * @param settings what counts as a change, and what is computed then
     * @throws IllegalStateException if the detector is closed
     */
    public VideoDetector video(VideoOptions settings) {
        return new VideoDetector(this, settings);
    }

    /** The net as streams run it: unfused, because they remember what is between the layers. */
    record StreamNet(Session session, HeadDecoder decoder) {}

    /** Returns the streams' net; made when the first stream begins. */
    synchronized StreamNet streamNet() {
        if (closed) {
            throw new IllegalStateException("detector is closed");
        }
        if (streamNet == null) {
            Session unfused = session.unfused(true);
            streamNet = new StreamNet(unfused,
                    new HeadDecoder(spec(), unfused.plan(), wanted(spec(), options), threshold));
        }
        return streamNet;
    }

    InputEncoder encoder() {
        return encoder;
    }

    @Override
    public void close() {
        session.close();
        if (ownGate != null) {
            ownGate.close();
        }
        synchronized (this) {
            closed = true;
            if (streamNet != null) {
                streamNet.session().close();
            }
        }
    }
}
