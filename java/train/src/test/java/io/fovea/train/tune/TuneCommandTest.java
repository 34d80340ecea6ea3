package io.fovea.train.tune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.cli.Main;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxWriter;
import io.fovea.train.FullDisk;
import io.fovea.graph.Graph;
import io.fovea.graph.Op;
import io.fovea.lab.prune.AnchorSet;
import io.fovea.lab.prune.HeadRewriter;
import io.fovea.train.OnTorch;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnTorch
class TuneCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path photos;
    private Path whole;
    private Path pruned;

    @BeforeEach
    void models() throws IOException {
        Model model = ColourModel.make();
        whole = folder.resolve("whole.onnx");
        pruned = folder.resolve("pruned.onnx");
        OnnxWriter.write(model, whole);
        OnnxWriter.write(HeadRewriter.keepAnchors(model, AnchorSet.of(2, 0)), pruned);
        photos = Files.createDirectory(folder.resolve("photos"));
        ColourModel.photos(photos, 24, 9);
    }

    private int run(Object... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(new PrintWriter(out), new PrintWriter(err),
                Arrays.stream(args).map(Object::toString).toArray(String[]::new));
    }

    @Test
    void writesTheTunedDetector() throws IOException {
        Path tuned = folder.resolve("tuned.onnx");
        int code = run("tune", "--model", pruned, "--teacher", whole, "--images", photos + ",20", "--out", tuned,
                "--minutes", .03, "--rate", .05, "--holdout", 6, "--threads", 1, "--kernels", "scalar");
        assertEquals(0, code, err.toString());
        assertTrue(out.toString().contains("28 views learnt from"), out.toString());
        assertTrue(err.toString().lines().filter(line -> line.contains("held out: loss")).count() >= 2, err.toString());
        assertEquals(OnnxReader.read(pruned).spec(), OnnxReader.read(tuned).spec());
        try (var left = Files.list(folder)) {
            assertEquals(4, left.count(), "nothing else is left behind");
        }
    }

    private Object[] tuning(Path out, Object... more) {
        Object[] usual = {"tune", "--model", pruned, "--teacher", whole, "--images", photos + ",20", "--out", out,
                "--minutes", .02, "--rate", .05, "--holdout", 6, "--threads", 1, "--kernels", "scalar"};
        Object[] all = Arrays.copyOf(usual, usual.length + more.length);
        System.arraycopy(more, 0, all, usual.length, more.length);
        return all;
    }

    @Test
    void aFullDiskIsNamedAndNothingIsLost() throws IOException {
        Path tuned = folder.resolve("tuned.onnx");
        Path noViews = FullDisk.at(folder.resolve("some.views"));
        assertEquals(1, run(tuning(tuned, "--views", noViews)));
        FullDisk.assertTold(noViews, err.toString());
        assertFalse(Files.exists(folder.resolve("some.views.held")) || Files.exists(tuned));
        Files.delete(noViews);

        Path noState = FullDisk.at(folder.resolve("tuned.onnx.state"));
        assertEquals(1, run(tuning(tuned, "--views", noViews)));
        FullDisk.assertTold(noState, err.toString());
        assertFalse(Files.exists(tuned));
        Files.delete(noState);

        FullDisk.at(folder.resolve("tuned.onnx"));
        assertEquals(1, run(tuning(tuned, "--views", noViews)));
        FullDisk.assertTold(tuned, err.toString());
        Files.delete(tuned);
        TuneState best = TuneState.read(folder.resolve("tuned.onnx.state"));
        assertEquals(0, run(tuning(tuned, "--views", noViews, "--resume")), err.toString());
        assertTrue(err.toString().lines().noneMatch(line -> line.contains("held out: loss")),
                "what was learnt is written without learning again: " + err);
        Graph graph = OnnxReader.read(tuned).graph();
        best.best().forEach((name, values) -> {
            String node = name.substring(0, name.lastIndexOf('/'));
            Op.Conv conv = (Op.Conv) graph.nodes().stream().filter(n -> n.name().equals(node)).findFirst()
                    .orElseThrow().op();
            assertArrayEquals(values, name.endsWith("/weight") ? conv.weights() : conv.bias(), name);
        });
    }

    @Test
    void wrongUseEndsInOneLine() throws IOException {
        Path tuned = folder.resolve("tuned.onnx");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertEquals(2, run("tune", "--model", pruned, "--teacher", whole, "--images", empty, "--out", tuned));
        assertTrue(err.toString().contains("holds no photo"), err.toString());
        assertEquals(1, run("tune", "--model", pruned, "--teacher", whole, "--images", "nowhere", "--out", tuned));
        assertEquals(2, run("tune", "--model", pruned, "--teacher", whole, "--images", photos, "--out", folder));
        assertEquals(2,
                run("tune", "--model", pruned, "--teacher", whole, "--images", photos, "--out", tuned, "--minutes",
                        0));
        assertEquals(2,
                run("tune", "--model", pruned, "--teacher", whole, "--images", photos, "--out", tuned, "--resume"));
        assertTrue(err.toString().contains("tuned.onnx.state is not there"), err.toString());
        assertEquals(1, run("tune", "--model", whole, "--teacher", pruned, "--images", photos, "--out", tuned));
        assertTrue(err.toString().contains("no anchor of 10.0x10.0"), err.toString());
        assertFalse(Files.exists(tuned));
    }
}
