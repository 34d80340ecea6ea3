package io.fovea.testing;

import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.graph.Shape;
import io.fovea.image.Image;
import io.fovea.image.InputEncoder;
import io.fovea.zoo.ZooModels;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The zoo's models and photo; read once; a test that asks for one that cannot be had here is skipped with a line. */
public final class ZooNets {
    /** Names of the models. */
    public static final List<String> NAMES = List.of(ZooModels.SSDLITE, ZooModels.FACE);

    private static final Map<String, Model> MODELS = new ConcurrentHashMap<>();

    private ZooNets() {
    }

    /** Returns the file of a model. */
    public static Path file(String name) {
        return ZooModels.fetch(name);
    }

    /** Returns a model. */
    public static Model model(String name) {
        Path file = file(name);
        return MODELS.computeIfAbsent(name, n -> OnnxReader.read(file));
    }

    /** Returns the sample photo. */
    public static Image photo() {
        return Image.read(ZooModels.sample());
    }

    /** Returns the photo as a model's input, {@code [height][width][3]}. */
    public static float[] photoInput(Model model) {
        Shape shape = model.graph().inputShape();
        float[] nhwc = new float[shape.values()];
        encoder(model).encode(photo(), MemorySegment.ofArray(nhwc));
        return nhwc;
    }

    /** Returns what makes a model's input from a photo. */
    public static InputEncoder encoder(Model model) {
        InputSpec input = model.spec().input();
        return new InputEncoder(input.width(), input.height(), input.resize(), input.colorOrder(),
                floats(input.mean()), floats(input.scale()));
    }

    private static float[] floats(List<Float> list) {
        float[] values = new float[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i);
        }
        return values;
    }
}
