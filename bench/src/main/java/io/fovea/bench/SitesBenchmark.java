package io.fovea.bench;

import io.fovea.cli.ModelOptions;
import io.fovea.format.OnnxReader;
import io.fovea.run.Gating;
import io.fovea.run.MeanBackground;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.Workspace;
import io.fovea.sites.Mask;
import io.fovea.zoo.Zoo;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
 * What a mask costs before anything is computed: pooling it to every resolution, all site sets, all neighbour tables, binding them. Two
 * masks alternate, so that nothing stands from the call before. With {@code -prof gc} it shows that nothing is allocated.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class SitesBenchmark {
    /** Share of active cells: a centred square. */
    @Param({"0.25", "0.75"})
    public double active;

    private Session session;
    private Workspace workspace;
    private Gating gating;
    private final Mask[] masks = new Mask[2];
    private int turn;

    /** Makes the state of one fork. */
    public SitesBenchmark() {
    }

    /** Plans the zoo's default model. */
    @Setup(Level.Trial)
    public void open() {
        session = Session.open(OnnxReader.read(Zoo.standard().fetch(ModelOptions.DEFAULT)).graph(),
                SessionOptions.DEFAULT);
        Map<String, float[]> zeros = new HashMap<>();
        session.plan().values().forEach(v -> zeros.put(v.name(), new float[v.shape().channels()]));
        gating = Gating.gated(new MeanBackground("zeros", zeros));
        workspace = session.lease();
        int height = session.plan().graph().inputShape().height();
        int width = session.plan().graph().inputShape().width();
        float side = (float) Math.sqrt(active);
        for (int i = 0; i < 2; i++) {
            float left = width * (1 - side) / 2 - i * Mask.DEFAULT_CELL;
            float top = height * (1 - side) / 2;
            masks[i] = Mask.uniform(height, width, Mask.DEFAULT_CELL, false).withRectangle(left, top,
                    left + width * side, top + height * side);
        }
    }

    /** Gives the workspace back. */
    @TearDown(Level.Trial)
    public void close() {
        workspace.close();
        session.close();
    }

    /** Chooses all sites and builds all tables. */
    @Benchmark
    public void choose() {
        workspace.choose(masks[turn ^= 1], gating);
    }
}
