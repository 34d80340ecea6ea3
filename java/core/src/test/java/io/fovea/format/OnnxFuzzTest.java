package io.fovea.format;

import static io.fovea.format.ProtoGraph.ints;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import com.sun.management.ThreadMXBean;
import io.fovea.graph.Node;
import io.fovea.graph.Shape;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thousands of damaged files: each is read or ends in a {@link ModelFormatException} that names the file, soon, and without
 * allocating more than {@link #MAX_BYTES}. What is read and small is planned and run as well, which must not fail in another way.
 */
class OnnxFuzzTest {
    private static final int FILES = Integer.getInteger("fovea.fuzz.files", 4_000);
    private static final long FIRST_SEED = Long.getLong("fovea.fuzz.seed", 1);
    /** Heap allocated for one file of at most a few hundred KB, garbage counted. */
    private static final long MAX_BYTES = 64L << 20;
    private static final long MAX_MILLIS = 5_000;
    private static final long SMALL = 200_000;

    @TempDir
    Path folder;

    /** An exporter's graph with most kinds of nodes. */
    private static ModelProto exported() {
        ProtoGraph net = new ProtoGraph().input("x", 1, 3, 12, 12).output("boxes").output("scores")
                .noise("w0", 8, 3, 3, 3).noise("b0", 8)
                .node("Conv", "x w0 b0 -> c0", ints("kernel_shape", 3, 3), ints("pads", 1, 1, 1, 1),
                        ints("strides", 2, 2))
                .noise("g", 8).noise("o", 8).noise("m", 8)
                .floats("v", new long[]{8}, 1, 2, 3, 4, 5, 6, 7, 8)
                .node("BatchNormalization", "c0 g o m v -> n0", ProtoGraph.real("epsilon", 1e-3f))
                .node("Relu", "n0 -> r0")
                .noise("w1", 8, 1, 3, 3)
                .node("Conv", "r0 w1 -> d0", ints("pads", 1, 1, 1, 1), ProtoGraph.integer("group", 8))
                .floats("low", new long[0], 0).floats("high", new long[0], 6)
                .node("Clip", "d0 low high -> d1")
                .node("Add", "d1 r0 -> a0")
                .node("MaxPool", "a0 -> p0", ints("kernel_shape", 2, 2), ints("strides", 2, 2))
                .node("Concat", "p0 p0 -> k0", ProtoGraph.integer("axis", 1))
                .noise("wb", 4, 16, 1, 1).node("Conv", "k0 wb -> bm")
                .noise("ws", 2, 16, 1, 1).node("Conv", "k0 ws -> sm")
                .vector("bs", 1, -1, 4).vector("ss", 1, -1, 2)
                .node("Transpose", "bm -> bt", ints("perm", 0, 2, 3, 1)).node("Reshape", "bt bs -> boxes")
                .node("Transpose", "sm -> st", ints("perm", 0, 2, 3, 1)).node("Reshape", "st ss -> scores");
        return net.model().toBuilder().addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(DetectorSpec.METADATA_KEY).setValue(SPEC)).build();
    }

    private static final String SPEC = """
            {"name": "made", "input": {"name": "x", "width": 12, "height": 12, "colorOrder": "RGB", "mean": [0, 0, 0],
            "scale": [1, 1, 1]}, "outputs": {"boxes": {"name": "boxes"}, "scores": {"name": "scores"}},
            "classes": ["background", "thing"], "backgroundIndex": 0, "scoreActivation": "softmax",
            "codeType": "CENTER_SIZE", "variances": [0.1, 0.1, 0.2, 0.2], "featureMaps": [{"height": 3, "width": 3,
            "strideX": 4, "strideY": 4, "anchors": [[4, 6]]}],
            "detectionOutput": {"confidenceThreshold": 0.1, "nmsThreshold": 0.5, "topK": 10, "keepTopK": 5}}""";

    @Test
    void everyDamagedFileIsReadOrRefused() throws IOException {
        ModelProto model = exported();
        Path file = folder.resolve("damaged.onnx");
        Files.write(file, model.toByteArray());
        OnnxReader.read(file);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int read = 0;
        int ran = 0;
        for (int i = 0; i < FILES; i++) {
            long seed = FIRST_SEED + i;
            byte[] damaged = new OnnxMutator(seed).damage(model);
            Files.write(file, damaged);
            long bytes = threads.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            try {
                Model known = OnnxReader.read(file);
                read++;
                ran += plan(known) ? 1 : 0;
            } catch (ModelFormatException e) {
                assertTrue(e.getMessage().startsWith(file.toString()) && e.getMessage().lines().count() == 1,
                        () -> "seed " + seed + ": message '" + e.getMessage() + "'");
            } catch (Exception | Error e) {
                fail("seed " + seed + ": " + e, e);
            }
            long took = (System.nanoTime() - start) / 1_000_000;
            long used = threads.getCurrentThreadAllocatedBytes() - bytes;
            assertTrue(took < MAX_MILLIS, () -> "seed " + seed + ": took " + took + " ms");
            assertTrue(used < MAX_BYTES, () -> "seed " + seed + ": allocated " + used + " bytes");
        }
        assertTrue(read > FILES / 100 && read < FILES * 9 / 10, read + " of " + FILES + " were read");
        assertTrue(ran > 0, "none was run");
    }

    /** Plans a net whose maps are small and runs it. */
    private static boolean plan(Model model) {
        long values = 0;
        for (Node node : model.graph().nodes()) {
            Shape shape = model.graph().shape(node.output());
            values = Math.max(values, shape.values());
        }
        if (Math.max(values, model.graph().inputShape().values()) > SMALL) {
            return false;
        }
        try (Session session = Session.open(model.graph(), new SessionOptions(1, "scalar"))) {
            session.run(new float[model.graph().inputShape().values()]);
            return true;
        }
    }
}
