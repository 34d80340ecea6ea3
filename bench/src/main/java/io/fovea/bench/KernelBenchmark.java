package io.fovea.bench;

import io.fovea.kernel.KernelTiers;
import io.fovea.kernel.Layer;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.scalar.ScalarTier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
 * One kernel on one layer of a real net, one thread. The result is compared with the scalar tier's before anything is timed. {@code
 * ./fovea kernels} runs it over a file of shapes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class KernelBenchmark {
    private static final double TOLERANCE = 1e-3;

    /** Kernel tier. */
    @Param({"cpp", "vector"})
    public String tier;

    /** Layer, as a line of a shapes file. */
    @Param({"conv 19x19 384>64 k1s1 +residual", "depthwise 75x75 144>144 k3s1", "conv 300x300 3>32 k3s2"})
    public String shape;

    private Arena arena;
    private LayerCase work;
    private RowKernel kernel;

    /** Makes the state of one fork. */
    public KernelBenchmark() {
    }

    /** Prepares the layer and checks the kernel's result. */
    @Setup(Level.Trial)
    public void open() {
        arena = Arena.ofShared();
        LayerShape parsed = LayerShape.parse(shape);
        Layer.Conv layer = parsed.layer();
        kernel = KernelTiers.find(tier).getFirst().prepare(layer, arena)
                .orElseThrow(() -> new IllegalStateException(tier + " has no kernel for " + shape));
        work = new LayerCase(parsed, layer, arena);
        float[] got = work.output(kernel);
        float[] want = work.output(new ScalarTier().prepare(layer, arena).orElseThrow());
        for (int i = 0; i < want.length; i++) {
            if (!(Math.abs(want[i] - got[i]) <= TOLERANCE * (1 + Math.abs(want[i])))) {
                throw new IllegalStateException(kernel.name() + " computes " + got[i] + " instead of " + want[i]
                        + " at value " + i + " of " + shape);
            }
        }
    }

    /** Frees the buffers. */
    @TearDown(Level.Trial)
    public void close() {
        arena.close();
    }

    /** Runs the layer once. */
    @Benchmark
    public MemorySegment layer() {
        return work.run(kernel);
    }
}
