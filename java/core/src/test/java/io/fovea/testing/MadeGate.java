package io.fovea.testing;

import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
import io.fovea.format.GateSpec.Stretch;
import io.fovea.format.GateSpec.Trunk;
import io.fovea.format.Model;
import io.fovea.gate.TrunkGraph;
import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.plan.Windows;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Gates with random weights for any detector. */
public final class MadeGate {
    private MadeGate() {
    }

    /** Returns a gate that reads values of the detector, and lets those of the small run stand in that windows read. */
    public static GateModel onDetector(Model detector, int height, int width, List<String> reads, long seed) {
        Random random = new Random(seed);
        Graph trunk = TrunkGraph.cut(detector.graph(), height, width, reads);
        List<Graph> heads = new ArrayList<>();
        for (String value : reads) {
            heads.add(head("head" + heads.size(), value, trunk.shape(value), random));
        }
        Map<String, Stretch> peripheral = new LinkedHashMap<>();
        Graph planned = Passes.optimise(detector.graph());
        for (String value : Windows.read(planned)) {
            int channels = planned.shape(value).channels();
            peripheral.put(value,
                    new Stretch(Values.gaussian(random, channels, 1), Values.gaussian(random, channels, 0.3)));
        }
        return new GateModel(heads, new GateSpec(detector.spec().name(), Trunk.DETECTOR, height, width, reads, 0, 4, 0,
                0.25f, peripheral, Map.of("seed", Long.toString(seed))));
    }

    /** Returns a gate that starts from the picture. */
    public static GateModel onPicture(Model detector, int height, int width, long seed) {
        return new GateModel(List.of(head("own", "picture", new Shape(height, width, 3), new Random(seed))),
                new GateSpec(detector.spec().name(), Trunk.OWN, height, width, List.of(), 0, 4, 0, 0.25f, Map.of(),
                        Map.of()));
    }

    private static Graph head(String name, String input, Shape from, Random random) {
        GraphBuilder b = new GraphBuilder(name, input, from);
        Window window = Window.same(3, 1, from.height(), from.width());
        b.add(name + "/a", new Op.Conv(window, 1, 6, Values.gaussian(random, 54 * from.channels(), 0.2),
                Values.gaussian(random, 6, 0.5), Activation.RELU6), name + "/x", input);
        b.add(name + "/b", new Op.Conv(Window.POINTWISE, 1, 1, Values.gaussian(random, 6, 1),
                Values.gaussian(random, 1, 0.2), Activation.NONE), name + "/logit", name + "/x");
        return b.build(List.of(name + "/logit"));
    }
}
