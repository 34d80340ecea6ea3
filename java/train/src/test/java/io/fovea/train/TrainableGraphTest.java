package io.fovea.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import io.fovea.format.OnnxReader;
import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Interpolation;
import io.fovea.graph.Interpolation.Coordinates;
import io.fovea.graph.Interpolation.Rounding;
import io.fovea.graph.GraphException;
import io.fovea.graph.Op;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.zoo.Zoo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A graph as a differentiable function gives what the engine gives, and its weights come back. */
@OnTorch
class TrainableGraphTest {
    private static final Shape IN = new Shape(9, 11, 6);
    private static final Random RANDOM = new Random(7);

    static Stream<Named<Op>> operators() {
        List<Op> ops = new ArrayList<>(List.of(new Op.Affine(values(6), values(6)), new Op.Add(Activation.RELU6),
                new Op.Concat(), new Op.GlobalAverage(), new Op.HeadRows(3),
                new Op.Resize(13, 17, 13 / 9f, 17 / 11f,
                        new Interpolation(true, Coordinates.HALF_PIXEL, Rounding.FLOOR)),
                new Op.Resize(18, 33, 2, 3, new Interpolation(false, Coordinates.ASYMMETRIC, Rounding.FLOOR)),
                new Op.MaxPool(Window.same(3, 2, 9, 11)), new Op.MaxPool(Window.same(2, 2, 9, 11)),
                new Op.AveragePool(Window.same(3, 2, 9, 11), false), new Op.AveragePool(Window.square(3, 1, 1), true),
                new Op.AveragePool(new Window(2, 3, 1, 2, 0, 1, 1, 0, 1, 1), false)));
        for (Window w : List.of(Window.POINTWISE, Window.square(3, 1, 1), Window.same(3, 2, 9, 11),
                Window.same(5, 1, 9, 11), Window.same(2, 2, 9, 11), Window.square(1, 2, 0),
                new Window(3, 2, 2, 1, 1, 0, 0, 1, 2, 3))) {
            for (int groups : new int[]{1, 2, 6}) {
                int out = groups == 1 ? 5 : 12;
                ops.add(new Op.Conv(w, groups, groups == 6 ? 6 : out,
                        values((groups == 6 ? 6 : out) * 6 / groups * w.taps()), values(groups == 6 ? 6 : out),
                        Activation.RELU6));
            }
        }
        for (Activation.Kind kind : Activation.Kind.values()) {
            ops.add(new Op.Activate(kind == Activation.Kind.CLIP
                    ? Activation.clip(Float.NEGATIVE_INFINITY, .75f)
                    : new Activation(kind, .3f, .4f)));
        }
        ops.add(new Op.Activate(Activation.RELU));
        ops.add(new Op.Activate(Activation.NONE));
        ops.add(new Op.Activate(Activation.clip(-.5f, .75f)));
        return ops.stream().map(op -> Named.of(op.label() + (op instanceof Op.Conv c
                ? " groups " + c.groups() + " " + c.window()
                : ""), op));
    }

    @ParameterizedTest
    @MethodSource("operators")
    void givesWhatTheEngineGives(Op op) {
        GraphBuilder builder = new GraphBuilder("one", "in", IN);
        int inputs = op instanceof Op.Add || op instanceof Op.Concat ? 2 : 1;
        builder.add("scale", new Op.Affine(values(6), values(6)), "x", "in");
        builder.add("node", op, "out", inputs == 2 ? List.of("x", "in") : List.of("x"));
        assertSame(builder.build(List.of("out")));
    }

    @Test
    void residualsAndRows() {
        GraphBuilder b = new GraphBuilder("joined", "in", IN);
        b.add("start", new Op.Affine(values(6), values(6)), "x", "in");
        b.add("conv", new Op.Conv(Window.square(3, 1, 1), 1, 6, values(6 * 54), values(6), Activation.RELU), "a",
                List.of("x", "x"));
        b.add("rows1", new Op.HeadRows(2), "r1", "a");
        b.add("rows2", new Op.HeadRows(2), "r2", "x");
        b.add("join", new Op.JoinRows(), "out", List.of("r1", "r2"));
        assertSame(b.build(List.of("out", "a")));
    }

    @Test
    void wholeZooDetector() {
        Graph whole;
        try {
            whole = OnnxReader.read(Zoo.standard().fetch("ssdlite-mobilenet-v2-coco")).graph();
        } catch (RuntimeException e) {
            Assumptions.abort("no zoo model here: " + e.getMessage());
            return;
        }
        assertSame(Passes.optimise(whole));
    }

    @Test
    void gradientsChangeTheWeightsThatComeBack() {
        GraphBuilder b = new GraphBuilder("line", "in", new Shape(1, 1, 2));
        b.add("fixed", new Op.Affine(new float[]{1, 1}, new float[2]), "x", "in");
        b.add("line", new Op.Conv(Window.POINTWISE, 1, 1, new float[2], new float[1], Activation.NONE), "y", "x");
        Graph graph = b.build(List.of("y"));
        try (NDManager manager = Torch.manager(1)) {
            TrainableGraph net = new TrainableGraph(graph, manager, node -> node.op() instanceof Op.Conv);
            assertEquals(List.of("line/weight", "line/bias"),
                    net.parameters().stream().map(TrainableGraph.Parameter::name).toList());
            Adam adam = new Adam(net.parameters(), manager);
            NDArray points = manager.create(new float[]{0, 0, 1, 0, 0, 1, 1, 1}, new ai.djl.ndarray.types.Shape(4, 2, 1,
                    1));
            NDArray wanted = manager.create(new float[]{3, 5, 2, 4}, new ai.djl.ndarray.types.Shape(4, 1, 1, 1));
            for (int step = 0; step < 800; step++) {
                try (NDScope scope = new NDScope();
                        GradientCollector gc = Engine.getEngine("PyTorch")
                                .newGradientCollector()) {
                    NDArray loss = net.run(points).get("y").sub(wanted).square().mean();
                    gc.backward(loss);
                    adam.step(.05f, 0);
                    scope.suppressNotUsedWarning();
                }
            }
            Op.Conv line = (Op.Conv) net.trained().nodes().get(1).op();
            assertArrayEquals(new float[]{2, -1}, line.weights(), .02f);
            assertArrayEquals(new float[]{3}, line.bias(), .02f);
        }
    }

    @Test
    void partsRunFromInnerValues() {
        GraphBuilder b = new GraphBuilder("parts", "in", IN);
        b.add("a", new Op.Activate(Activation.RELU), "x", "in");
        b.add("b", new Op.Affine(new float[]{2, 2, 2, 2, 2, 2}, new float[6]), "y", "x");
        Graph graph = b.build(List.of("y"));
        try (NDManager manager = Torch.manager(1)) {
            TrainableGraph net = new TrainableGraph(graph, manager);
            NDArray inner = manager.ones(new ai.djl.ndarray.types.Shape(2, 6, 3, 3)).mul(-1);
            NDArray y = net.run(Map.of("x", inner), List.of("y"), (v, a) -> a.sub(1)).get("y");
            assertEquals(-3, y.getFloat(1, 5, 2, 2));
            GraphException e = assertThrows(GraphException.class,
                    () -> net.run(Map.of(), List.of("y"), (v, a) -> a));
            assertTrue(e.getMessage().contains("'in'"), e.getMessage());
        }
    }

    private static void assertSame(Graph graph) {
        Shape s = graph.inputShape();
        float[] input = values(s.values());
        Map<String, float[]> expected;
        try (Session session = Session.open(graph,
                new SessionOptions(1, graph.nodes().size() > 9 ? "auto" : "scalar"))) {
            expected = session.run(input);
        }
        try (NDManager manager = Torch.manager(1)) {
            NDArray x = manager.create(input, new ai.djl.ndarray.types.Shape(1, s.channels(), s.height(), s.width()));
            Map<String, NDArray> results = new TrainableGraph(graph, manager).run(x);
            for (String output : graph.outputs()) {
                assertArrayEquals(expected.get(output), results.get(output).toFloatArray(), 1e-4f, output);
            }
        }
    }

    private static float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = .4f * (float) RANDOM.nextGaussian();
        }
        return values;
    }
}
