package io.fovea.lab.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxWriter;
import io.fovea.graph.Cost;
import io.fovea.head.AnchorGrid;
import io.fovea.head.BoxCoder;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeadRewriterTest {
    private static final SessionOptions ONE = new SessionOptions(1, "scalar");

    private final Model model = MadeModels.twoLevels(7, ScoreActivation.SIGMOID);
    private final float[] photo = MadeModels.noise(model, 3);

    private static Map<String, float[]> run(Model model, float[] photo) {
        try (Session session = Session.open(model.graph(), ONE)) {
            return session.run(photo);
        }
    }

    /** Returns the values of the rows of kept shapes. */
    private static float[] rows(Model model, float[] all, int width, AnchorSet kept) {
        List<Float> values = new ArrayList<>();
        int row = 0;
        int first = 0;
        for (FeatureMap map : model.spec().featureMaps()) {
            for (int site = 0; site < map.height() * map.width(); site++) {
                for (int a = 0; a < map.anchors().size(); a++, row++) {
                    for (int v = 0; v < width && kept.contains(first + a); v++) {
                        values.add(all[row * width + v]);
                    }
                }
            }
            first += map.anchors().size();
        }
        float[] out = new float[values.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = values.get(i);
        }
        return out;
    }

    @Test
    void keptRowsAreBitForBitTheSame() {
        Map<String, float[]> whole = run(model, photo);
        int shapes = MadeModels.shapes(model);
        Random random = new Random(1);
        for (int i = 0; i < 12; i++) {
            AnchorSet kept = AnchorSet.of(shapes, random.ints(1 + random.nextInt(shapes), 0, shapes).toArray());
            Model sliced = HeadRewriter.keepAnchors(model, kept);
            Map<String, float[]> now = run(sliced, photo);
            String where = "kept " + kept;
            assertArrayEquals(rows(model, whole.get("boxes"), 4, kept), now.get("boxes"), where);
            assertArrayEquals(rows(model, whole.get("scores"), 5, kept), now.get("scores"), where);
            HeadCost cost = HeadLayout.of(model).cost();
            assertEquals(cost.boxes(kept), sliced.spec().rows(), where);
            assertEquals(cost.macs(kept), HeadLayout.of(sliced).cost().macs(AnchorSet.all(kept.size())), where);
        }
    }

    @Test
    void anEmptyLevelLeavesTheNetWithAllThatOnlyItNeeded() {
        HeadCost cost = HeadLayout.of(model).cost();
        Model coarse = HeadRewriter.keepAnchors(model, cost.level(1));
        assertEquals(List.of(0, 2),
                coarse.spec().featureMaps().stream().map(m -> m.anchors().size()).toList());
        assertTrue(coarse.graph().nodes().stream().noneMatch(n -> n.name().startsWith("fine")),
                coarse.graph().nodes().toString());
        long gone = Cost.of(model.graph()).macs() - Cost.of(coarse.graph()).macs();
        assertEquals(cost.macs(cost.level(0)), gone);
        Model fine = HeadRewriter.keepAnchors(model, cost.level(0));
        assertTrue(Cost.of(model.graph()).macs() - Cost.of(fine.graph()).macs() > cost.macs(cost.level(1)),
                "the body's layers that only the coarse level read are gone, too");
    }

    @Test
    void aSlicedFileRunsInOnnxRuntime(@TempDir Path folder) throws IOException, OrtException {
        AnchorSet kept = AnchorSet.of(MadeModels.shapes(model), 1, 2, 4);
        Model sliced = HeadRewriter.keepClasses(HeadRewriter.keepAnchors(model, kept), Set.of("car", "dog"));
        Path file = folder.resolve("sliced.onnx");
        OnnxWriter.write(sliced, file);
        Map<String, float[]> whole = run(model, photo);
        float[] scores = rows(model, whole.get("scores"), 5, kept);
        float[] columns = new float[scores.length / 5 * 2];
        for (int r = 0; r < scores.length / 5; r++) {
            columns[2 * r] = scores[5 * r + 2];
            columns[2 * r + 1] = scores[5 * r + 4];
        }
        OrtEnvironment env = OrtEnvironment.getEnvironment();
        try (OrtSession session = env.createSession(file.toString());
                OnnxTensor in = OnnxTensor.createTensor(env, FloatBuffer.wrap(photo),
                        new long[]{1, 3, MadeModels.SIZE, MadeModels.SIZE});
                OrtSession.Result out = session.run(Map.of("image", in))) {
            FloatBuffer box = ((OnnxTensor) out.get("boxes").orElseThrow()).getFloatBuffer();
            FloatBuffer score = ((OnnxTensor) out.get("scores").orElseThrow()).getFloatBuffer();
            assertArrayEquals(rows(model, whole.get("boxes"), 4, kept), array(box), 1e-4f);
            assertArrayEquals(columns, array(score), 1e-4f);
        }
        Model back = OnnxReader.read(file);
        assertEquals(sliced.spec(), back.spec());
    }

    private static float[] array(FloatBuffer b) {
        float[] values = new float[b.remaining()];
        b.get(values);
        return values;
    }

    @Test
    void sigmoidClassesStayExactAndTheBackgroundGoes() {
        Model cut = HeadRewriter.keepClasses(model, Set.of("dog", "person"));
        assertEquals(List.of("person", "dog"), cut.spec().classes());
        assertEquals(-1, cut.spec().backgroundIndex());
        float[] before = run(model, photo).get("scores");
        float[] after = run(cut, photo).get("scores");
        for (int r = 0; r < model.spec().rows(); r++) {
            assertEquals(before[5 * r + 1], after[2 * r], 0f);
            assertEquals(before[5 * r + 4], after[2 * r + 1], 0f);
        }
    }

    @Test
    void softmaxKeepsTheBackground() {
        Model soft = MadeModels.twoLevels(7, ScoreActivation.SOFTMAX);
        Model cut = HeadRewriter.keepClasses(soft, Set.of("car"));
        assertEquals(List.of("background", "car"), cut.spec().classes());
        assertEquals(0, cut.spec().backgroundIndex());
    }

    @Test
    void nonsenseIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> HeadRewriter.keepClasses(model, Set.of("tiger")));
        assertThrows(IllegalArgumentException.class, () -> HeadRewriter.keepClasses(model, Set.of("background")));
        assertThrows(IllegalArgumentException.class, () -> HeadRewriter.keepClasses(model, Set.of()));
        assertThrows(IllegalArgumentException.class, () -> HeadRewriter.keepAnchors(model, AnchorSet.of(5)));
        assertThrows(IllegalArgumentException.class, () -> HeadRewriter.keepAnchors(model, AnchorSet.all(4)));
    }

    @Test
    void aWidenedHeadDecodesToTheSameBoxes() {
        List<List<Anchor>> dense = Overanchors.dense(model.spec(), 3, List.of(1.0, 2.0, .5));
        assertEquals(List.of(9, 9), dense.stream().map(List::size).toList());
        Model wide = HeadRewriter.widen(model, dense);
        assertEquals(9 * (64 + 16), wide.spec().rows());
        float[] before = boxes(model);
        float[] after = boxes(wide);
        float[] scoresBefore = run(model, photo).get("scores");
        float[] scoresAfter = run(wide, photo).get("scores");
        int rowBefore = 0;
        int rowAfter = 0;
        for (int l = 0; l < 2; l++) {
            FeatureMap old = model.spec().featureMaps().get(l);
            for (int site = 0; site < old.height() * old.width(); site++) {
                for (int a = 0; a < 9; a++, rowAfter++) {
                    int source = rowBefore + HeadRewriter.nearest(old.anchors(), dense.get(l).get(a));
                    for (int c = 0; c < 4; c++) {
                        assertEquals(before[4 * source + c], after[4 * rowAfter + c], 2e-3f, "row " + rowAfter);
                    }
                    for (int c = 0; c < 5; c++) {
                        assertEquals(scoresBefore[5 * source + c], scoresAfter[5 * rowAfter + c], 0f);
                    }
                }
                rowBefore += old.anchors().size();
            }
        }
    }

    private float[] boxes(Model m) {
        DetectorSpec spec = m.spec();
        float[] raw = run(m, photo).get("boxes");
        float[] out = new float[raw.length];
        BoxCoder coder = new BoxCoder(new AnchorGrid(spec), spec.boxCoding());
        IntStream.range(0, spec.rows()).forEach(r -> coder.decode(r, raw, 4 * r, out, 4 * r));
        return out;
    }
}
