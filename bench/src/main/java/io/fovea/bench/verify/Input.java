package io.fovea.bench.verify;

import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.graph.Shape;
import io.fovea.image.Image;
import io.fovea.image.InputEncoder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What goes into the net.
 *
 * @param name name for people
 * @param nchw {@code [channels][height][width]}, normalised
 * @param expected golden outputs by name, or null
 */
record Input(String name, float[] nchw, Map<String, float[]> expected) {
    private static final long SEED = 20261122;

    /** Returns noise in which every pixel value is equally likely; the same on every machine. */
    static Input noise(InputSpec spec, Shape shape) {
        Random random = new Random(SEED);
        float[] values = new float[shape.values()];
        for (int i = 0; i < values.length; i++) {
            int c = i / shape.sites();
            values[i] = (random.nextInt(256) - spec.mean().get(c)) * spec.scale().get(c);
        }
        return new Input("noise", values, null);
    }

    /** Returns what the detector makes of a photo. */
    static Input photo(Image image, InputSpec spec, Shape shape) {
        InputEncoder encoder = new InputEncoder(spec.width(), spec.height(), spec.resize(), spec.colorOrder(),
                floats(spec.mean()), floats(spec.scale()));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment rows = arena.allocate(encoder.byteSize(), 64);
            encoder.encode(image, rows);
            return new Input("photo", Layouts.toMaps(rows.toArray(ValueLayout.JAVA_FLOAT), shape), null);
        }
    }

    private static float[] floats(List<Float> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return floats;
    }
}
