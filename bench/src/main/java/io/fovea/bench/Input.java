package io.fovea.bench;

import io.fovea.format.DetectorSpec;
import io.fovea.image.Image;
import io.fovea.image.InputEncoder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** The input tensor of a measurement, {@code [height][width][3]}. */
public final class Input {
    static final long SEED = 20261122;

    private Input() {
    }

    /** Returns what the detector makes of a photo. */
    public static float[] of(Image image, DetectorSpec.InputSpec spec) {
        InputEncoder encoder = spec.encoder();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment rows = arena.allocate(encoder.byteSize(), 64);
            encoder.encode(image, rows);
            return rows.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    /** Returns noise: every pixel value equally likely, the same on every machine. */
    public static float[] noise(DetectorSpec.InputSpec spec) {
        Random random = new Random(SEED);
        float[] values = new float[3 * spec.width() * spec.height()];
        for (int i = 0; i < values.length; i++) {
            int channel = i % 3;
            values[i] = (random.nextInt(256) - spec.mean().get(channel)) * spec.scale().get(channel);
        }
        return values;
    }
}
