package io.fovea.lab.calibrate;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.DetectorOptions;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.lab.SharedFiles;
import io.fovea.lab.calibrate.HeadGateJudge.Verdict;
import io.fovea.zoo.Zoo;
import io.fovea.zoo.ZooException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The head gates that the zoo ships, against the dense head on photos that they were not made from: every twentieth of the 500. All of
 * them: {@code ./fovea calibrate --judge ../shared/data/coco-val/images} (docs/calibration.md).
 */
class HeadGateFiguresTest {

    @ParameterizedTest
    @CsvSource({"ssdlite-mobilenet-v2-coco, .87", "ssd-mobilenet-v1-face, 1"})
    void gatedAndDenseHeadsAgree(String name, double mostExecuted) throws IOException {
        Path folder = SharedFiles.need("data/coco-val/images");
        Model model;
        try {
            model = OnnxReader.read(Zoo.standard().fetch(name));
        } catch (ZooException e) {
            Assumptions.abort("skipped: " + e.getMessage());
            return;
        }
        List<Path> all;
        try (Stream<Path> files = Files.list(folder)) {
            all = files.sorted().toList();
        }
        List<Path> photos = Stream.iterate(0, i -> i < all.size(), i -> i + 20).map(all::get).toList();
        Verdict verdict = HeadGateJudge.judge(model, photos,
                DetectorOptions.builder().threads(2).scoreThreshold(.3f), .99, done -> {
                });
        System.out.printf(Locale.ROOT, "%s: head gate on %d photos executes %.4f of the dense MACs, F1 %.5f (%d dense, "
                + "%d gated, %d matched)%n", name, verdict.photos(), verdict.executedShare(), verdict.f1(),
                verdict.dense(), verdict.gated(), verdict.matched());
        assertTrue(verdict.executedShare() <= mostExecuted, verdict::toString);
        assertTrue(verdict.f1() >= .999, verdict::toString);
    }
}
