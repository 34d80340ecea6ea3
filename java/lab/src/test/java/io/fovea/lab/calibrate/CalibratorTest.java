package io.fovea.lab.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.DetectorOptions;
import io.fovea.format.Calibration;
import io.fovea.format.CalibrationJson;
import io.fovea.format.Model;
import io.fovea.image.Image;
import io.fovea.lab.calibrate.HeadGateJudge.Verdict;
import io.fovea.lab.data.DataException;
import io.fovea.lab.data.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibratorTest {
    private static final CalibrationSettings SETTINGS = CalibrationSettings.DEFAULT.with(1, "scalar");

    @TempDir
    Path folder;

    private static CalibrationReport run(List<Path> photos) {
        return Calibrator.run(RedModel.make(), photos, SETTINGS, done -> {
        });
    }

    @Test
    void meansAreThoseOfThePixels() throws IOException {
        List<Path> photos = RedModel.photos(folder, 5, 1);
        Calibration calibration = run(photos).calibration();
        // The stem reads the input, which is never inactive; only the 3x3 and the 8x8 window read something computed: "x".
        assertEquals(Set.of("x"), calibration.means().keySet());
        double[] sums = new double[3];
        for (Path photo : photos) {
            Image image = Image.read(photo);
            for (int i = 0; i < 64 * 64; i++) {
                int rgb = image.rgb(i % 64, i / 64);
                sums[0] += (rgb >> 16 & 255) / 255.0;
                sums[1] += (rgb >> 8 & 255) / 255.0;
                sums[2] += (rgb & 255) / 255.0;
            }
        }
        for (int c = 0; c < 3; c++) {
            assertEquals(sums[c] / (5 * 64 * 64), calibration.means().get("x")[c], 1e-5, "channel " + c);
        }
        assertTrue(calibration.headGate().isEmpty(), "five photos are too few for a gate");
    }

    @Test
    void theGateKeepsTheRowsAndLeavesTheRest() throws IOException {
        CalibrationReport report = run(RedModel.photos(folder, 160, 2));
        assertEquals(128, report.trainingPhotos());
        assertEquals(32, report.heldOutPhotos());
        assertEquals(2, report.calibration().headGate().size());
        LevelReport red = report.levels().getFirst();
        assertTrue(red.note().isEmpty() && red.rows() > 150, red::toString);
        assertTrue(red.keptShare() >= .998 && red.activeShare() < .2, red::toString);
        assertEquals(128 * 64, red.trainingSites());
        LevelReport none = report.levels().getLast();
        assertEquals("all sites kept: 0 examples among 128 sites", none.note());
        assertEquals(1, none.activeShare());

        Model model = RedModel.make().with(report.calibration());
        List<Path> others = RedModel.photos(Files.createDirectory(folder.resolve("others")), 40, 3);
        Verdict verdict = HeadGateJudge.judge(model, others,
                DetectorOptions.builder().kernels("scalar").scoreThreshold(.3f), .99, done -> {
                });
        assertTrue(verdict.dense() > 150, verdict::toString);
        assertEquals(1, verdict.f1(), verdict::toString);
        // With a dense body: what the held-out photos say holds for the others too.
        assertEquals(report.executedShare(), verdict.executedShare(), .01, verdict::toString);
        assertTrue(verdict.executedShare() < 1);
    }

    @Test
    void theOrderOfThePhotosDoesNotMatter() throws IOException {
        List<Path> photos = RedModel.photos(folder, 60, 4);
        String first = CalibrationJson.write(run(photos).calibration());
        List<Path> shuffled = new ArrayList<>(photos);
        Collections.shuffle(shuffled, new Random(9));
        assertEquals(first, CalibrationJson.write(run(shuffled).calibration()));
    }

    @Test
    void brokenPhotosAreCounted() throws IOException {
        List<Path> photos = new ArrayList<>(RedModel.photos(folder, 4, 5));
        photos.add(Files.write(folder.resolve("broken.jpg"), new byte[30]));
        List<Integer> steps = new ArrayList<>();
        CalibrationReport report = Calibrator.run(RedModel.make(), photos, SETTINGS, steps::add);
        assertEquals(4, report.trainingPhotos() + report.heldOutPhotos());
        assertEquals(1, report.problems().count(Problems.Kind.PHOTO_UNREADABLE));
        assertEquals(List.of(1, 2, 3, 4, 5), steps);
        DataException e = assertThrows(DataException.class, () -> run(photos.subList(4, 5)));
        assertTrue(e.getMessage().startsWith("none of the 1 photos can be read: 1 x photo that cannot be decoded")
                && e.getMessage().contains("broken.jpg"), e.getMessage());
        assertThrows(DataException.class, () -> run(List.of()));
    }

    @Test
    void aModelWithoutAGateCannotBeJudged() {
        DataException e = assertThrows(DataException.class, () -> HeadGateJudge.judge(RedModel.make(), List.of(),
                DetectorOptions.builder(), .99, done -> {
                }));
        assertEquals("model 'red' carries no head gate: calibrate it first", e.getMessage());
    }
}
