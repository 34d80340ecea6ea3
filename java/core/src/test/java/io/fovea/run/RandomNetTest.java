package io.fovea.run;

import io.fovea.Seeds;
import io.fovea.graph.Graph;
import io.fovea.graph.Shape;
import io.fovea.testing.DenseNet;
import io.fovea.testing.RandomNet;
import io.fovea.testing.Tiers;
import io.fovea.testing.Values;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** Random nets through optimiser, planner and every tier, against the plain interpreter of the graph as it was. */
class RandomNetTest {

    @Property(seed = Seeds.BUILD, tries = 60, shrinking = ShrinkingMode.OFF)
    void sessionsComputeWhatTheGraphSays(@ForAll long seed) {
        Graph graph = RandomNet.of(seed);
        Shape shape = graph.inputShape();
        float[] image = Values.gaussian(seed, shape.values());
        Map<String, double[]> want = DenseNet.run(graph, image);
        float[] nchw = Values.channelsFirst(image, shape);
        for (String tier : Tiers.of(seed)) {
            for (int threads = 1; threads <= 2; threads++) {
                try (Session fused = Session.open(graph, new SessionOptions(threads, tier));
                        Session unfused = fused.unfused()) {
                    check(graph, want, fused.run(nchw), "fused, " + tier + ", threads " + threads + ", net " + seed);
                    check(graph, want, unfused.run(nchw),
                            "unfused, " + tier + ", threads " + threads + ", net " + seed);
                }
            }
        }
    }

    private static void check(Graph graph, Map<String, double[]> want, Map<String, float[]> got, String what) {
        for (String output : graph.outputs()) {
            Values.assertClose(DenseNet.output(graph, output, want), got.get(output), 1e-4, true,
                    "output " + output + ", " + what);
        }
    }
}
