package io.fovea.train.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.cli.Main;
import io.fovea.format.GateFile;
import io.fovea.format.Glance;
import io.fovea.format.OnnxWriter;
import io.fovea.train.FullDisk;
import io.fovea.train.OnTorch;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnTorch
class TrainGateCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(Object... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(new PrintWriter(out), new PrintWriter(err),
                Arrays.stream(args).map(Object::toString).toArray(String[]::new));
    }

    private int train(Path gate, String... more) throws IOException {
        Path model = folder.resolve("squares.onnx");
        Path photos = folder.resolve("photos");
        if (!Files.exists(model)) {
            OnnxWriter.write(SquareModel.make(), model);
            SquareModel.photos(photos, 24, 2, 5);
        }
        Object[] usual = {"train-gate", "--model", model, "--images", photos, "--size", 64, "--trunk", "own",
                "--passes",
                2, "--threads", 1, "--kernels", "scalar", "--out", gate};
        Object[] all = Arrays.copyOf(usual, usual.length + more.length);
        System.arraycopy(more, 0, all, usual.length, more.length);
        return run(all);
    }

    @Test
    void theGateCarriesTheGlanceThatItIsGiven() throws IOException {
        Path small = folder.resolve("small.onnx");
        Path gate = folder.resolve("gate.onnx");
        assertEquals(0, train(small), err.toString());
        assertEquals(0, train(gate, "--glance", small.toString(), "--glance-threshold", "0.25",
                "--glance-share", "0.7"), err.toString());
        Glance glance = GateFile.read(gate).glance();
        assertEquals(0.7f, glance.share());
        assertEquals(0.25f, glance.gate().spec().threshold());
        assertEquals(2, train(gate, "--glance", folder.resolve("none.onnx").toString()));
        assertTrue(err.toString().contains("--glance: ") && err.toString().contains("none.onnx: no such file"),
                err.toString());
        assertEquals(2, train(gate, "--glance", small.toString(), "--glance-share", "1.5"));
        assertTrue(err.toString().contains("glance: share 1.5 is not within (0, 1]"), err.toString());
        assertEquals(2, train(folder.resolve("nested.onnx"), "--glance", gate.toString()));
        assertTrue(err.toString().contains("glance: carries another glance"), err.toString());
    }

    @Test
    void aFullDiskIsNamedAndNothingIsLost() throws IOException {
        Path gate = folder.resolve("gate.onnx");
        Path noState = FullDisk.at(folder.resolve("gate.onnx.training"));
        assertEquals(1, train(gate));
        FullDisk.assertTold(noState, err.toString());
        assertFalse(Files.exists(gate));
        Files.delete(noState);

        FullDisk.at(folder.resolve("gate.onnx"));
        assertEquals(1, train(gate));
        FullDisk.assertTold(gate, err.toString());
        assertEquals(2, out.toString().lines().filter(line -> line.startsWith("pass ")).count(), out.toString());
        Files.delete(gate);
        assertEquals(2, Checkpoint.read(folder.resolve("gate.onnx.training")).epochs());
        assertEquals(0, train(gate, "--resume"), err.toString());
        assertTrue(out.toString().contains("going on after pass 2"), out.toString());
        assertEquals(0, out.toString().lines().filter(line -> line.startsWith("pass ")).count(),
                "what was learnt is written without learning again: " + out);
        assertEquals("squares", GateFile.read(gate).spec().detector());
        assertFalse(Files.exists(folder.resolve("gate.onnx.training")));
    }
}
