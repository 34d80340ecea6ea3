package io.fovea.lab.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fovea.lab.SharedFiles;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.PhotoDetections;
import io.fovea.lab.data.ResultsReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The figures of the reference evaluator on real detections, when its files are there. */
class GoldenEvalTest {

    @Test
    void equalsTheReferenceEvaluator() throws IOException {
        Path folder = SharedFiles.need("golden/coco-eval");
        Dataset data = Dataset.read(folder.resolve("ground-truth.json"));
        List<PhotoDetections> found = ResultsReader.read(folder.resolve("detections.json"), data);
        JsonNode expected = new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
        CocoFigures got = CocoEvaluator.evaluate(data, found, 2).figures();
        assertEquals(expected.get("images").asInt(), got.images());
        assertEquals(expected.get("detections").asInt(), found.stream().mapToInt(PhotoDetections::size).sum());
        expected.get("stats").properties()
                .forEach(e -> assertEquals(e.getValue().asDouble(), got.byName().get(e.getKey()), 1e-9, e.getKey()));
        JsonNode per = expected.get("apPerCategory");
        assertEquals(per.size(), got.apPerCategory().size());
        per.properties().forEach(e -> assertEquals(e.getValue().asDouble(),
                got.apPerCategory().get(Integer.parseInt(e.getKey())), 1e-9, "category " + e.getKey()));
        for (int threads : new int[]{1, 3, 7}) {
            assertEquals(got, CocoEvaluator.evaluate(data, found, threads).figures(), threads + " threads");
        }
        assertTrue(new EvalReport(got, null, null).toJson().contains("\"ARlarge\""));
    }
}
