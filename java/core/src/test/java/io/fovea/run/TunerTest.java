package io.fovea.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fovea.graph.Graph;
import io.fovea.graph.Shape;
import io.fovea.plan.Choice;
import io.fovea.run.SessionOptions.Tuning;
import io.fovea.testing.DenseNet;
import io.fovea.testing.RandomNet;
import io.fovea.testing.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kernels chosen by the clock compute the same net, and the choice is kept where it can be. */
class TunerTest {
    @TempDir
    Path home;
    private String oldHome;

    @BeforeEach
    void useAnEmptyCache() {
        String xdg = System.getenv("XDG_CACHE_HOME");
        assumeTrue(xdg == null || xdg.isBlank(), "SKIPPED: XDG_CACHE_HOME is set, so the cache cannot be moved");
        oldHome = System.setProperty("user.home", home.toString());
    }

    @AfterEach
    void useTheOldCache() {
        if (oldHome != null) {
            System.setProperty("user.home", oldHome);
        }
    }

    private static SessionOptions options(Tuning tuning) {
        return new SessionOptions(1, "auto", null, tuning);
    }

    private List<Path> files() throws IOException {
        Path folder = home.resolve(".cache/fovea/tuning");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> list = Files.list(folder)) {
            return list.toList();
        }
    }

    private static List<String> kernels(Session session) {
        return session.plan().steps().stream().map(s -> s.name() + " " + s.kernel().name()).toList();
    }

    @Test
    void tunedNetsComputeTheSameAndTheChoiceIsReadBack() throws IOException {
        for (long seed = 1; seed <= 3; seed++) {
            Graph graph = RandomNet.of(seed);
            Shape shape = graph.inputShape();
            float[] image = Values.gaussian(seed, shape.values());
            Map<String, double[]> want = DenseNet.run(graph, image);
            List<String> chosen;
            double breakEven;
            try (Session session = Session.open(graph, options(Tuning.CACHED))) {
                chosen = kernels(session);
                breakEven = session.breakEven();
                assertTrue(breakEven >= 0.5 && breakEven <= 1, "break-even at " + breakEven);
                Map<String, float[]> got = session.run(Values.channelsFirst(image, shape));
                for (String output : graph.outputs()) {
                    Values.assertClose(DenseNet.output(graph, output, want), got.get(output), 1e-4, true,
                            "net " + seed + ", " + output + ", " + chosen);
                }
            }
            assertEquals(seed, files().size(), "one file for each net, nothing left over: " + files());
            try (Session session = Session.open(graph, options(Tuning.CACHED))) {
                assertEquals(chosen, kernels(session), "read back");
                assertEquals(breakEven, session.breakEven(), "read back");
            }
        }
    }

    @Test
    void brokenFilesAndFoldersCostAMeasurementOnly() throws IOException {
        Graph graph = RandomNet.of(4);
        Session.open(graph, options(Tuning.CACHED)).close();
        Path file = files().getFirst();
        for (String text : List.of("", "{", "[]", "{\"version\":2}", "{\"version\":2,\"tiers\":{\"x\":3},\"fused\":[]}",
                "{\"version\":2,\"tiers\":{\"node1/Conv\":\"nowhere\"},\"fused\":[\"nothing\"],\"breakEven\":\"NaN\"}")) {
            Files.writeString(file, text);
            try (Session session = Session.open(graph, options(Tuning.CACHED))) {
                assertEquals(graph.outputs().size(),
                        session.run(new float[graph.inputShape().values()]).size(), "file with " + text);
            }
        }
        Files.delete(file);
        Files.delete(file.getParent());
        Files.writeString(file.getParent(), "a file where the folder should be");
        Session.open(graph, options(Tuning.CACHED)).close();
    }

    @Test
    void namedTiersAreNotTuned() throws IOException {
        SessionOptions named = new SessionOptions(1, "vector", null, Tuning.AGAIN);
        try (Session session = Session.open(RandomNet.of(5), named)) {
            assertEquals(Choice.RULE.breakEven(), session.breakEven());
        }
        assertEquals(List.of(), files());
    }
}
