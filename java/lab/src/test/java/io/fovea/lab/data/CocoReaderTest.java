package io.fovea.lab.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CocoReaderTest {
    private static final String GOOD = """
            {"info": {"x": [1, {"y": 2}]},
             "annotations": [
              {"id": 1, "image_id": 7, "category_id": 1, "bbox": [1, 2, 3.5, 4], "area": 9.5, "iscrowd": 0,
               "segmentation": [[1, 2, 3, 4]]},
              {"id": 1, "image_id": 7, "category_id": 1, "bbox": [1, 2, 3, 4]},
              {"id": 2, "image_id": 7, "category_id": 5, "bbox": [1, 2, 3, 4]},
              {"id": 3, "image_id": 8, "category_id": 1, "bbox": [1, 2, 3, 4]},
              {"id": 4, "image_id": 7, "category_id": 1, "bbox": [90, 2, 30, 4], "iscrowd": 1},
              {"id": 5, "image_id": 7, "category_id": 1, "bbox": [9, 2, 0, 4]},
              {"id": 6, "image_id": 7, "category_id": 1, "bbox": [9, 2, 4]},
              {"id": 7, "image_id": 7, "category_id": 1, "bbox": [9, 2, -4, 3]}],
             "images": [{"id": 7, "file_name": "a.jpg", "width": 100, "height": 50, "license": 3},
              {"id": 7, "file_name": "b.jpg"}, {"id": 9}],
             "categories": [{"supercategory": "s", "id": 1, "name": "person"}]}
            """;

    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("set.json"), text);
    }

    @Test
    void everyProblemIsCounted() throws IOException {
        Dataset data = Dataset.read(file(GOOD));
        assertEquals(1, data.photos().size());
        Photo p = data.photos().get(0);
        assertEquals(List.of(1L, 4L, 5L), p.truths().stream().map(Truth::id).toList());
        assertEquals(9.5, p.truths().get(0).area());
        assertEquals(120, p.truths().get(1).area(), "area of the box when none is given");
        assertTrue(p.truths().get(1).crowd());
        Problems problems = data.problems();
        assertEquals(1, problems.count(Problems.Kind.DUPLICATE_ANNOTATION));
        assertEquals(1, problems.count(Problems.Kind.UNKNOWN_CATEGORY));
        assertEquals(1, problems.count(Problems.Kind.UNKNOWN_PHOTO));
        assertEquals(1, problems.count(Problems.Kind.BOX_OUTSIDE));
        assertEquals(1, problems.count(Problems.Kind.BOX_DEGENERATE));
        assertEquals(2, problems.count(Problems.Kind.ANNOTATION_INCOMPLETE));
        assertEquals(1, problems.count(Problems.Kind.DUPLICATE_PHOTO));
        assertEquals(1, problems.count(Problems.Kind.PHOTO_INCOMPLETE));
        assertTrue(problems.lines().stream().anyMatch(l -> l.startsWith("2 x ") && l.contains("annotation 6")),
                problems.lines().toString());
    }

    @Test
    void aSyntaxErrorNamesItsByte() throws IOException {
        String broken = "{\"images\": [{\"id\": 7, \"file_name\": \"\u00e4.jpg\"}], \"annotations\": [}]}";
        int at = broken.getBytes(java.nio.charset.StandardCharsets.UTF_8).length - 3;
        DataException e = assertThrows(DataException.class, () -> Dataset.read(file(broken)));
        assertTrue(e.getMessage().startsWith("set.json: no valid JSON at byte " + at) //
                || e.getMessage().startsWith("set.json: no valid JSON at byte " + (at + 1)), e.getMessage());
        assertFalse(e.getMessage().contains("\n"));
    }

    @Test
    void everyTruncationEndsInOneLine() throws IOException {
        byte[] whole = GOOD.strip().getBytes();
        for (int n = 0; n < whole.length; n += 7) {
            Path cut = Files.write(folder.resolve("cut.json"), java.util.Arrays.copyOf(whole, n));
            DataException e = assertThrows(DataException.class, () -> Dataset.read(cut), "cut at " + n);
            assertTrue(e.getMessage().matches("cut\\.json: .*"), "cut at " + n + ": " + e.getMessage());
        }
    }

    @Test
    void wrongDocumentsAreNamed() throws IOException {
        for (String text : new String[]{"[]", "{}", "{\"images\": 3}", "{\"images\": []}", "{\"images\": [3]}",
                "{\"images\": [{\"id\": \"x\", \"file_name\": \"a\"}]}", GOOD.strip() + "x", "12"}) {
            DataException e = assertThrows(DataException.class, () -> Dataset.read(file(text)), text);
            assertTrue(e.getMessage().startsWith("set.json: ") && !e.getMessage().contains("\n"), e.getMessage());
        }
        assertThrows(DataException.class, () -> Dataset.read(folder.resolve("none.json")));
    }

    @Test
    void resultsAreReadInOrderAndTheRestCounted() throws IOException {
        Dataset data = Dataset.read(file(GOOD));
        Path results = Files.writeString(folder.resolve("results.json"), """
                [{"image_id": 7, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5},
                 {"image_id": 7, "category_id": 1, "bbox": [5, 6, 7, 8], "score": 0.75, "other": {}},
                 {"image_id": 3, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5},
                 {"image_id": 7, "category_id": 2, "bbox": [1, 2, 3, 4], "score": 0.5},
                 {"image_id": 7, "category_id": 1, "bbox": [1, 2, 3, 4]}]
                """);
        PhotoDetections d = ResultsReader.read(results, data).get(0);
        assertEquals(2, d.size());
        assertEquals(.75, d.scores()[1]);
        assertEquals(8, d.boxes()[7]);
        assertEquals(2, data.problems().count(Problems.Kind.UNKNOWN_PHOTO));
        assertEquals(2, data.problems().count(Problems.Kind.UNKNOWN_CATEGORY));
        assertEquals(3, data.problems().count(Problems.Kind.ANNOTATION_INCOMPLETE));
        Path empty = Files.writeString(folder.resolve("empty.json"), "[]");
        assertEquals(0, ResultsReader.read(empty, data).get(0).size());
        Path bad = Files.writeString(folder.resolve("bad.json"), "[{\"image_id\": }]");
        assertTrue(assertThrows(DataException.class, () -> ResultsReader.read(bad, data)).getMessage()
                .startsWith("bad.json: no valid JSON at byte 1"));
    }

    @Test
    void classesMeetCategoriesByLabel() throws IOException {
        Dataset data = Dataset.read(file(GOOD));
        LabelMap map = LabelMap.of(List.of("background", "Person", "car"), 0, data);
        assertTrue(map.known(1));
        assertEquals(1, map.category(1));
        assertFalse(map.known(2));
        assertEquals(1, data.problems().count(Problems.Kind.CLASS_NOT_IN_DATA));
        assertThrows(DataException.class, () -> LabelMap.of(List.of("face"), -1, data));
    }
}
