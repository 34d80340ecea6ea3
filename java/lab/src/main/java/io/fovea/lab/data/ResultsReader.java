package io.fovea.lab.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a COCO results file: a list of {@code {"image_id", "category_id", "bbox": [x, y, w, h], "score"}}. */
public final class ResultsReader {
    private static final class Rows {
        private int[] categories = new int[16];
        private double[] scores = new double[16];
        private double[] boxes = new double[64];
        private int size;

        void add(int category, double score, double[] box) {
            if (size == scores.length) {
                categories = java.util.Arrays.copyOf(categories, 2 * size);
                scores = java.util.Arrays.copyOf(scores, 2 * size);
                boxes = java.util.Arrays.copyOf(boxes, 8 * size);
            }
            categories[size] = category;
            scores[size] = score;
            System.arraycopy(box, 0, boxes, 4 * size, 4);
            size++;
        }

        PhotoDetections finish(long photo) {
            return new PhotoDetections(photo, java.util.Arrays.copyOf(categories, size),
                    java.util.Arrays.copyOf(scores, size), java.util.Arrays.copyOf(boxes, 4 * size));
        }
    }

    private final Map<Long, Rows> rows = new HashMap<>();
    private final Set<Long> photos = new HashSet<>();
    private final Set<Integer> categories = new HashSet<>();
    private final Problems problems;
    private int index;

    private ResultsReader(Dataset data) {
        data.photos().forEach(p -> photos.add(p.id()));
        data.categories().forEach(c -> categories.add(c.id()));
        problems = data.problems();
    }

    /**
     * Reads a results file for a data set; entries of photos or categories that the set does not have, and entries without a
     * finite score or box, are counted in the set's problems and skipped.
     *
     * @return one entry per photo of the set, in its order; photos without detections have empty ones
     * @throws DataException if the file cannot be parsed; the message names the byte
     */
    public static List<PhotoDetections> read(Path path, Dataset data) {
        ResultsReader reader = new ResultsReader(data);
        Json.read(path, p -> {
            Json.expect(p, p.nextToken(), JsonToken.START_ARRAY, "a list of detections");
            Json.objects(p, reader::entry);
        });
        List<PhotoDetections> all = new ArrayList<>();
        for (Photo photo : data.photos()) {
            all.add(reader.rows.getOrDefault(photo.id(), new Rows()).finish(photo.id()));
        }
        return all;
    }

    private void entry(JsonParser p) throws IOException {
        Long photo = null;
        Integer category = null;
        double score = Double.NaN;
        double[] box = null;
        while (p.nextToken() != JsonToken.END_OBJECT) {
            String field = p.currentName();
            p.nextToken();
            switch (field) {
                case "image_id" -> photo = p.getLongValue();
                case "category_id" -> category = p.getIntValue();
                case "score" -> score = p.getDoubleValue();
                case "bbox" -> box = Json.numbers(p, 4);
                default -> p.skipChildren();
            }
        }
        String place = "detection " + index++;
        if (photo == null || category == null || box == null || !Double.isFinite(score)) {
            problems.add(Problems.Kind.ANNOTATION_INCOMPLETE, place);
        } else if (!photos.contains(photo)) {
            problems.add(Problems.Kind.UNKNOWN_PHOTO, place + " of image " + photo);
        } else if (!categories.contains(category)) {
            problems.add(Problems.Kind.UNKNOWN_CATEGORY, place + " of category " + category);
        } else {
            rows.computeIfAbsent(photo, k -> new Rows()).add(category, score, box);
        }
    }
}
