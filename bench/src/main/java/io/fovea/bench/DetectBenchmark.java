package io.fovea.bench;

import io.fovea.Detection;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.cli.ModelOptions;
import io.fovea.image.Image;
import io.fovea.zoo.Zoo;
import java.util.List;
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
 * The whole way of a decoded photo: preprocessing, net, head. With {@code -prof gc} it shows what a call allocates:
 * {@code ./fovea jmh DetectBenchmark -prof gc}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(3)
public class DetectBenchmark {
    /** Kernel tier. */
    @Param("auto")
    public String kernels;

    /** Threads of one call. */
    @Param("1")
    public int threads;

    private Image image;
    private Detector detector;

    /** Makes the state of one fork. */
    public DetectBenchmark() {
    }

    /** Opens the detector and reads the zoo's sample photo. */
    @Setup(Level.Trial)
    public void open() {
        Zoo zoo = Zoo.standard();
        image = Image.read(zoo.sample());
        DetectorOptions options = DetectorOptions.builder().kernels(kernels).threads(threads).scoreThreshold(0.5f)
                .build();
        detector = Detector.open(zoo.fetch(ModelOptions.DEFAULT), options);
        List<Detection> found = detector.detect(image);
        if (found.stream().noneMatch(d -> d.label().equals("person"))) {
            throw new IllegalStateException("nobody was found in the sample photo: " + found);
        }
    }

    /** Closes the detector. */
    @TearDown(Level.Trial)
    public void close() {
        detector.close();
    }

    /** Finds objects in the photo. */
    @Benchmark
    public List<Detection> detect() {
        return detector.detect(image);
    }
}
