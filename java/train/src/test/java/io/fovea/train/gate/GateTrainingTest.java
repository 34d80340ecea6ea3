package io.fovea.train.gate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.GateFile;
import io.fovea.format.GateModel;
import io.fovea.format.GateSpec;
import io.fovea.format.Model;
import io.fovea.gate.GateSettings;
import io.fovea.gate.ObjectnessGate;
import io.fovea.graph.Op;
import io.fovea.image.Image;
import io.fovea.lab.data.DataException;
import io.fovea.kernel.Winograd;
import io.fovea.run.SessionOptions;
import io.fovea.train.OnTorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A gate is trained on made images within seconds, and must find what it was taught. */
@OnTorch
class GateTrainingTest {
    private static final TrainSettings SETTINGS = settings(20, 2e-2f);

    @TempDir
    Path folder;
    private final List<String> notes = new ArrayList<>();

    private static TrainSettings settings(int epochs, float rate) {
        return settings(GateSpec.Trunk.DETECTOR, epochs, rate);
    }

    private static TrainSettings settings(GateSpec.Trunk trunk, int epochs, float rate) {
        return new TrainSettings(trunk, 64, 8, 0, GateHead.Style.FUSED, 8, 1, LabelRule.DEFAULT, epochs, 16, rate, 0,
                .9f, .2,
                .97, 3);
    }

    private GateResult train(List<Path> photos, TrainSettings settings, Path checkpoint, boolean resume)
            throws IOException {
        return GateTraining.run(SquareModel.make(), photos, Map.of(), settings,
                new GateTraining.Run(1, "vector", 0, checkpoint, resume), new GateTraining.Watch() {
                    @Override
                    public void photo() {
                    }

                    @Override
                    public void step(int epoch, int step, int steps, double loss) {
                    }

                    @Override
                    public void epoch(int epoch, double loss, double heldOutLoss, double recall, double share) {
                    }

                    @Override
                    public void note(String line) {
                        notes.add(line);
                    }
                });
    }

    @ParameterizedTest
    @EnumSource
    void findsSquaresItHasNotSeenAndRunsAsItWasTrained(GateSpec.Trunk trunk) throws IOException {
        List<Path> photos = SquareModel.photos(folder.resolve("photos"), 120, 2, 5);
        GateResult result = train(photos,
                trunk == GateSpec.Trunk.OWN ? settings(trunk, 24, 5e-3f) : SETTINGS, null, false);
        assertEquals(96, result.trainingPhotos());
        assertEquals(24, result.heldOutPhotos());
        assertTrue(result.losses().getLast()[1] < .6 * result.losses().getFirst()[1], () -> "losses "
                + result.losses().stream().map(java.util.Arrays::toString).toList());
        assertTrue(result.recall() >= .97, () -> "recall " + result.recall());
        assertTrue(result.share() < .4, () -> "share " + result.share());

        Model detector = SquareModel.make();
        Path file = folder.resolve("gate.onnx");
        GateFile.write(file, result.model(Map.of("seed", "3")));
        GateModel read = GateFile.read(file);
        try (ObjectnessGate gate = ObjectnessGate.open(read, detector,
                GateSettings.DEFAULT.running(1, "vector", SessionOptions.Tuning.OFF,
                        Winograd.OFF))) {
            for (int i = 0; i < 3; i++) {
                float[] run = gate.logits(Image.read(result.heldOut.get(i).file()));
                assertArrayEquals(result.logits.get(i), run, .02f, "the trained maps are kept in half precision");
            }
        }
        Path report = folder.resolve("report");
        GateReport.write(report, result, Map.of("seed", "3"));
        for (String name : List.of("index.html", "report.json", "loss.png", "recall.png", "mask0.png")) {
            assertTrue(Files.size(report.resolve(name)) > 500, name);
        }
    }

    @Test
    void anInterruptedRunGoesOnToTheSameWeights() throws IOException {
        List<Path> photos = SquareModel.photos(folder.resolve("photos"), 40, 2, 6);
        float[] whole = firstWeights(train(photos, settings(4, 1e-2f), null, false));
        float[] again = firstWeights(train(photos, settings(4, 1e-2f), null, false));
        assertArrayEquals(whole, again, "the same seed gives the same weights");

        Path checkpoint = folder.resolve("state");
        GateTraining.Watch interrupting = new GateTraining.Watch() {
            @Override
            public void photo() {
            }

            @Override
            public void step(int epoch, int step, int steps, double loss) {
                if (epoch == 3) {
                    throw new IllegalStateException("power cut");
                }
            }

            @Override
            public void epoch(int epoch, double loss, double heldOutLoss, double recall, double share) {
            }

            @Override
            public void note(String line) {
            }
        };
        assertThrows(IllegalStateException.class,
                () -> GateTraining.run(SquareModel.make(), photos, Map.of(), settings(4, 1e-2f),
                        new GateTraining.Run(1, "vector", 0, checkpoint, false), interrupting));
        GateResult resumed = train(photos, settings(4, 1e-2f), checkpoint, true);
        assertEquals(List.of("going on after pass 2"), notes);
        assertArrayEquals(whole, firstWeights(resumed), 1e-5f);

        IOException other = assertThrows(IOException.class,
                () -> train(photos, settings(5, 1e-2f), checkpoint, true));
        assertTrue(other.getMessage().contains("other photos or settings"), other.getMessage());
        Files.write(checkpoint, new byte[]{1, 2, 3});
        assertTrue(assertThrows(IOException.class, () -> train(photos, settings(4, 1e-2f), checkpoint, true))
                .getMessage().contains(checkpoint.toString()));
        assertThrows(IOException.class,
                () -> train(photos, settings(4, 1e-2f), folder.resolve("missing/state"), false));
    }

    private static float[] firstWeights(GateResult result) {
        return ((Op.Conv) GateHead.own(result.gate, result.trunk).getFirst().op()).weights();
    }

    @Test
    void aLossThatIsNoNumberKeepsTheLastGoodState() throws IOException {
        List<Path> photos = SquareModel.photos(folder.resolve("photos"), 40, 2, 7);
        GateResult result = train(photos, settings(4, 3e38f), null, false);
        assertTrue(notes.getFirst().contains("training stops"), notes::toString);
        for (float w : firstWeights(result)) {
            assertTrue(Float.isFinite(w));
        }
    }

    @Test
    void whatCannotBeLearntFromIsSaid() throws IOException {
        refused("no photo", List.of());
        refused("finds nothing above 0.2 in any of the 5 photos",
                SquareModel.photos(folder.resolve("dull"), 5, 0, 8));
        Path broken = folder.resolve("broken.png");
        Files.write(broken, new byte[]{1, 2, 3});
        refused("none of the 1 photos can be read", List.of(broken));
    }

    private void refused(String message, List<Path> photos) {
        DataException e = assertThrows(DataException.class, () -> train(photos, SETTINGS, null, false));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }
}
