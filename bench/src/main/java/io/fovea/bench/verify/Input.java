package io.fovea.bench.verify;

import io.fovea.bench.Layouts;
import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.graph.Shape;
import io.fovea.image.Image;
import java.util.Map;

/**
 * What goes into the net.
 *
 * @param name name for people
 * @param nchw {@code [channels][height][width]}, normalised
 * @param expected golden outputs by name, or null
 */
record Input(String name, float[] nchw, Map<String, float[]> expected) {

    /** Returns noise in which every pixel value is equally likely; the same on every machine. */
    static Input noise(InputSpec spec, Shape shape) {
        return new Input("noise", Layouts.toMaps(io.fovea.bench.Input.noise(spec), shape), null);
    }

    /** Returns what the detector makes of a photo. */
    static Input photo(Image image, InputSpec spec, Shape shape) {
        return new Input("photo", Layouts.toMaps(io.fovea.bench.Input.of(image, spec), shape), null);
    }
}
