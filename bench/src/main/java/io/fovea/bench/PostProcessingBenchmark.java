package io.fovea.bench;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.graph.Activation;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.head.HeadDecoder;
import io.fovea.image.ColorOrder;
import io.fovea.image.Resize;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.Workspace;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What follows the net, by itself: score filter, filter with box decoding, sorting with suppression. One row in fifty scores above .01
 * for one class, boxes are scattered around a grid. {@code ./fovea jmh PostProcessingBenchmark -prof gc} shows that a call allocates
 * nothing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class PostProcessingBenchmark {
    private static final int SIZE = 512;
    private static final float THRESHOLD = .01f;

    /** Anchors as rows x columns of cells: those of SSDLite, of SSD300 and of a RetinaNet. */
    @Param({"27x71", "59x148", "192x252"})
    public String anchors;

    /** Classes without the background. */
    @Param({"1", "90"})
    public int classes;

    private Session session;
    private Workspace workspace;
    private HeadDecoder nothing;
    private HeadDecoder decoder;
    private final HeadDecoder.Buffers none = new HeadDecoder.Buffers();
    private final HeadDecoder.Buffers buffers = new HeadDecoder.Buffers();

    /** Makes the state of one fork. */
    public PostProcessingBenchmark() {
    }

    /** Fills the head's rows. */
    @Setup(Level.Trial)
    public void open() {
        int rows = Integer.parseInt(anchors.split("x")[0]);
        int columns = Integer.parseInt(anchors.split("x")[1]);
        int width = classes + 1;
        GraphBuilder g = new GraphBuilder("rows", "raw", new Shape(rows, columns, 4 + width));
        g.add("box", pick(4 + width, 0, 4), "box", "raw");
        g.add("boxes", new Op.HeadRows(4), "boxes", "box");
        g.add("score", pick(4 + width, 4, width), "score", "raw");
        g.add("scores", new Op.HeadRows(width), "scores", "score");
        List<String> labels = IntStream.range(0, width).mapToObj(i -> "class " + i).toList();
        DetectorSpec spec = new DetectorSpec("rows", null,
                new InputSpec("raw", SIZE, SIZE, ColorOrder.RGB, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f),
                        Resize.BILINEAR),
                "boxes", "scores", labels, 0, ScoreActivation.SIGMOID, new BoxCoding(BoxOrder.YXHW, .1f, .1f, .2f, .2f),
                List.of(new FeatureMap(rows, columns, (float) SIZE / columns, (float) SIZE / rows, .5f,
                        List.of(new Anchor(48, 64)))),
                new NmsSpec(THRESHOLD, .6f, 0, 100));
        session = Session.open(g.build(List.of("boxes", "scores")), new SessionOptions(1, "vector"));
        workspace = session.lease();
        fill(rows * columns, width);
        workspace.run();
        boolean[] wanted = new boolean[width];
        Arrays.fill(wanted, true);
        nothing = new HeadDecoder(spec, session.plan(), wanted, .9999f);
        decoder = new HeadDecoder(spec, session.plan(), wanted, THRESHOLD);
        decoder.collect(workspace, buffers);
        int found = buffers.candidates().size();
        if (found < rows * columns / 100 || filter() != 0 || suppress() < 1) {
            throw new IllegalStateException(found + " candidates of " + rows * columns + " rows");
        }
    }

    private void fill(int sites, int width) {
        Random random = new Random(5);
        for (int s = 0; s < sites; s++) {
            long at = (long) s * (4 + width);
            for (int v = 0; v < 4 + width; v++) {
                float value = (float) (v < 4 ? random.nextGaussian() : random.nextGaussian() * .5 - 8);
                workspace.input().setAtIndex(ValueLayout.JAVA_FLOAT, at + v, value);
            }
            if (random.nextInt(50) == 0) {
                workspace.input().setAtIndex(ValueLayout.JAVA_FLOAT, at + 5 + random.nextInt(width - 1),
                        random.nextFloat() * 7 - 4);
            }
        }
    }

    private static Op.Conv pick(int in, int from, int count) {
        float[] weights = new float[in * count];
        for (int i = 0; i < count; i++) {
            weights[i * in + from + i] = 1;
        }
        return new Op.Conv(Window.POINTWISE, 1, count, weights, new float[count], Activation.NONE);
    }

    /** Closes the session. */
    @TearDown(Level.Trial)
    public void close() {
        workspace.close();
        session.close();
    }

    /** Looks at every score, nothing passes. */
    @Benchmark
    public int filter() {
        nothing.collect(workspace, none);
        return none.candidates().size();
    }

    /** Looks at every score and decodes the boxes of those that pass. */
    @Benchmark
    public int filterAndDecode() {
        decoder.collect(workspace, buffers);
        return buffers.candidates().size();
    }

    /** Sorts the candidates and suppresses. */
    @Benchmark
    public int suppress() {
        return buffers.nms().run(buffers.candidates(), classes + 1, false, .6f, 0, 100);
    }
}
