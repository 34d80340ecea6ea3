package io.fovea.plan;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.OnnxReader;
import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.testing.RandomNet;
import io.fovea.testing.SharedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Activation memory: values that are alive at the same time never overlap, and the buffer is at most 1.2 times what the step with
 * the most live values needs by itself (of random nets 1.5), which no order of places can go below. For several threads at most 1.35 times
 * that, and then values that take turns have one centre.
 */
class PlanMemoryTest {
    /** What alignment may add to each value. */
    private static final long SLACK = 128;

    /** First step that writes and last step that reads each stored value; the input lives before the first step. */
    private record Lives(Plan plan, int[] first, int[] last) {
        static Lives of(Plan plan) {
            int count = plan.values().size();
            Lives lives = new Lives(plan, new int[count], new int[count]);
            Arrays.fill(lives.first, Integer.MAX_VALUE);
            Arrays.fill(lives.last, -1);
            lives.touch(0, -1);
            for (int s = 0; s < plan.steps().size(); s++) {
                Step step = plan.steps().get(s);
                lives.touch(step.in(), s);
                lives.touch(step.in2(), s);
                lives.touch(step.out(), s);
            }
            plan.selections().forEach(selection -> lives.touch(selection.value(), selection.step()));
            plan.outputs().forEach(
                    output -> output.parts().forEach(part -> lives.touch(part.value(), plan.steps().size())));
            return lives;
        }

        private void touch(int value, int step) {
            if (value >= 0) {
                first[value] = Math.min(first[value], step);
                last[value] = Math.max(last[value], step);
            }
        }

        boolean at(int value, int step) {
            return plan.values().get(value).offset() >= 0 && first[value] <= step && step <= last[value];
        }

        long bytes(int value) {
            return 4L * plan.values().get(value).shape().values();
        }
    }

    /** Returns the sum of all values' bytes. */
    private static long check(String what, Graph graph, double over) {
        check(what + ", two threads", graph, 2, 1.35 * over);
        return check(what, graph, 1, over);
    }

    private static long check(String what, Graph graph, int threads, double over) {
        try (Session session = Session.open(graph, new SessionOptions(threads, "scalar"))) {
            Plan plan = session.plan();
            Lives lives = Lives.of(plan);
            int count = plan.values().size();
            long most = 0;
            for (int s = -1; s <= plan.steps().size(); s++) {
                long live = 0;
                for (int a = 0; a < count; a++) {
                    if (!lives.at(a, s)) {
                        continue;
                    }
                    live += lives.bytes(a) + SLACK;
                    long from = plan.values().get(a).offset();
                    long to = from + lives.bytes(a);
                    assertTrue(to <= plan.bufferBytes(), what + ": a value ends behind the buffer");
                    for (int b = a + 1; b < count; b++) {
                        long other = plan.values().get(b).offset();
                        assertTrue(!lives.at(b, s) || other >= to || other + lives.bytes(b) <= from,
                                what + ", step " + s + ": " + plan.values().get(a) + " and " + plan.values().get(b));
                    }
                }
                most = Math.max(most, live);
            }
            assertTrue(plan.bufferBytes() <= over * most,
                    what + ": " + plan.bufferBytes() + " bytes where " + most + " are alive");
            long sum = 0;
            for (int v = 0; v < count; v++) {
                sum += plan.values().get(v).offset() >= 0 ? lives.bytes(v) : 0;
            }
            return sum;
        }
    }

    private static long peak(Graph graph) {
        try (Session session = Session.open(graph, new SessionOptions(1, "scalar"))) {
            return session.plan().bufferBytes();
        }
    }

    @Test
    void randomNets() {
        for (long seed = 0; seed < 200; seed++) {
            check("RandomNet.of(" + seed + ")", RandomNet.of(seed), 1.5);
        }
    }

    @Test
    void aTowerNeedsTwoMapsHoweverHighItIs() {
        GraphBuilder g = new GraphBuilder("tower", "image", new Shape(256, 256, 3));
        String x = "image";
        for (int i = 0; i < 20; i++) {
            int in = g.shape(x).channels();
            x = g.add("conv" + i, new Op.Conv(Window.square(3, 1, 1), 1, 8, new float[8 * in * 9], new float[8],
                    Activation.RELU), "x" + i, x);
        }
        Graph graph = g.build(List.of(x));
        long sum = check("tower", graph, 1.2);
        assertTrue(peak(graph) * 9 < sum, peak(graph) + " bytes of " + sum);
    }

    @Test
    void mapsThatTakeTurnsHaveOneCentreForSeveralThreads() {
        GraphBuilder g = new GraphBuilder("funnel", "image", new Shape(64, 64, 8));
        String x = "image";
        for (int i = 0; i < 8; i++) {
            int in = g.shape(x).channels();
            x = g.add("conv" + i, new Op.Conv(Window.square(3, 1 + i % 2, 1), 1, 8, new float[8 * in * 9], new float[8],
                    Activation.RELU), "x" + i, x);
        }
        Graph graph = g.build(List.of(x));
        long[] starts = {Long.MAX_VALUE, Long.MAX_VALUE};
        try (Session session = Session.open(graph, new SessionOptions(2, "scalar"))) {
            List<Plan.Value> values = session.plan().values();
            for (int v = 0; v < values.size(); v++) {
                Plan.Value value = values.get(v);
                long centre = value.offset() + 2L * value.shape().values();
                if (v < 2) {
                    starts[v] = centre;
                } else {
                    assertTrue(Math.abs(centre - starts[v % 2]) <= SLACK, value + " is not around " + starts[v % 2]);
                }
            }
        }
    }

    /** The figures of docs/performance.md: at least so many times below the sum of all activations. */
    @Test
    void detectorsOfOtherMakers() throws IOException {
        String exported = System.getProperty("fovea.torchvision", System.getenv("FOVEA_TORCHVISION"));
        Map<String, Double> times = Map.of("face-detection-retail-0004", 5., "pedestrian-detection-adas-0002", 3.5,
                "person-vehicle-bike-detection-2002", 4.5, "person-vehicle-bike-detection-crossroad-0078", 8.,
                "retinanet_resnet50_fpn", 7., "ssd300_vgg16", 2.5, "ssdlite320_mobilenet_v3_large", 5.);
        int found = 0;
        for (var entry : times.entrySet()) {
            Path file = SharedFolder.of("models").resolve(entry.getKey() + ".onnx");
            if (!Files.exists(file) && exported != null) {
                file = Path.of(exported, entry.getKey() + ".onnx");
            }
            if (Files.exists(file)) {
                Graph graph = OnnxReader.readGraph(file);
                long sum = check(entry.getKey(), graph, 1.2);
                assertTrue(peak(graph) * entry.getValue() < sum,
                        entry.getKey() + ": " + peak(graph) + " bytes of " + sum);
                found++;
            }
        }
        Assumptions.assumeTrue(found > 0, "skipped: no detectors of other makers");
    }
}
