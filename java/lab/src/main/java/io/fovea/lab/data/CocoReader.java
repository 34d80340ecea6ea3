package io.fovea.lab.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads COCO "instances" JSON (images, annotations, categories in any order) token by token; segmentations and all other
 * fields are passed over without being held.
 */
final class CocoReader {
    private record Entry(long photo, Truth truth) {}

    private final String name;
    private final Problems problems = new Problems();
    private final Map<Long, Photo> photos = new LinkedHashMap<>();
    private final Map<Integer, Category> categories = new LinkedHashMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private final Set<Long> annotationIds = new HashSet<>();

    private CocoReader(String name) {
        this.name = name;
    }

    static Dataset read(Path path) {
        CocoReader reader = new CocoReader(path.getFileName().toString());
        Json.read(path, reader::document);
        return reader.assemble();
    }

    private void document(JsonParser p) throws IOException {
        Json.expect(p, p.nextToken(), JsonToken.START_OBJECT, "an object with images, annotations and categories");
        boolean sawImages = false;
        while (p.nextToken() != JsonToken.END_OBJECT) {
            String field = p.currentName();
            JsonToken value = p.nextToken();
            switch (field) {
                case "images" -> {
                    sawImages = true;
                    Json.expect(p, value, JsonToken.START_ARRAY, "a list of images");
                    Json.objects(p, this::image);
                }
                case "annotations" -> {
                    Json.expect(p, value, JsonToken.START_ARRAY, "a list of annotations");
                    Json.objects(p, this::annotation);
                }
                case "categories" -> {
                    Json.expect(p, value, JsonToken.START_ARRAY, "a list of categories");
                    Json.objects(p, this::category);
                }
                default -> p.skipChildren();
            }
        }
        if (!sawImages) {
            throw new DataException(name + ": no COCO instances file: the field 'images' is missing");
        }
    }

    private void image(JsonParser p) throws IOException {
        Long id = null;
        String file = null;
        int width = 0;
        int height = 0;
        while (p.nextToken() != JsonToken.END_OBJECT) {
            String field = p.currentName();
            p.nextToken();
            switch (field) {
                case "id" -> id = p.getLongValue();
                case "file_name" -> file = p.getText();
                case "width" -> width = p.getIntValue();
                case "height" -> height = p.getIntValue();
                default -> p.skipChildren();
            }
        }
        if (id == null || file == null) {
            problems.add(Problems.Kind.PHOTO_INCOMPLETE, id == null ? "file " + file : "image " + id);
        } else if (photos.putIfAbsent(id, new Photo(id, file, width, height, List.of())) != null) {
            problems.add(Problems.Kind.DUPLICATE_PHOTO, "image " + id);
        }
    }

    private void category(JsonParser p) throws IOException {
        Integer id = null;
        String label = null;
        while (p.nextToken() != JsonToken.END_OBJECT) {
            String field = p.currentName();
            p.nextToken();
            switch (field) {
                case "id" -> id = p.getIntValue();
                case "name" -> label = p.getText();
                default -> p.skipChildren();
            }
        }
        if (id == null || label == null) {
            throw new DataException(name + ": a category lacks its id or name (" + (id == null ? label : id) + ")");
        }
        if (categories.putIfAbsent(id, new Category(id, label)) != null) {
            throw new DataException(name + ": two categories have the id " + id);
        }
    }

    private void annotation(JsonParser p) throws IOException {
        Long id = null;
        Long photo = null;
        Integer category = null;
        double[] box = null;
        double area = Double.NaN;
        boolean crowd = false;
        while (p.nextToken() != JsonToken.END_OBJECT) {
            String field = p.currentName();
            JsonToken value = p.nextToken();
            switch (field) {
                case "id" -> id = p.getLongValue();
                case "image_id" -> photo = p.getLongValue();
                case "category_id" -> category = p.getIntValue();
                case "bbox" -> box = Json.numbers(p, 4);
                case "area" -> area = p.getDoubleValue();
                case "iscrowd" -> crowd = value.isBoolean() ? p.getBooleanValue() : p.getIntValue() != 0;
                default -> p.skipChildren();
            }
        }
        String place = "annotation " + id;
        if (id == null || photo == null || category == null || box == null || !usable(box)) {
            problems.add(Problems.Kind.ANNOTATION_INCOMPLETE, place);
        } else if (!annotationIds.add(id)) {
            problems.add(Problems.Kind.DUPLICATE_ANNOTATION, place);
        } else {
            double size = Double.isNaN(area) ? box[2] * box[3] : area;
            entries.add(
                    new Entry(photo, new Truth(id, category, box[0], box[1], box[2], box[3], size, crowd, false)));
        }
    }

    private static boolean usable(double[] box) {
        for (double v : box) {
            if (!Double.isFinite(v)) {
                return false;
            }
        }
        return box[2] >= 0 && box[3] >= 0;
    }

    private Dataset assemble() {
        if (photos.isEmpty()) {
            throw new DataException(name + ": lists no photo");
        }
        Map<Long, List<Truth>> truths = new HashMap<>();
        for (Entry entry : entries) {
            Photo photo = photos.get(entry.photo());
            Truth t = entry.truth();
            String place = "annotation " + t.id();
            if (photo == null) {
                problems.add(Problems.Kind.UNKNOWN_PHOTO, place + " of image " + entry.photo());
            } else if (!categories.containsKey(t.category())) {
                problems.add(Problems.Kind.UNKNOWN_CATEGORY, place + " of category " + t.category());
            } else {
                BoxCheck.check(photo, t, place, problems);
                truths.computeIfAbsent(photo.id(), k -> new ArrayList<>()).add(t);
            }
        }
        List<Photo> complete = new ArrayList<>(photos.size());
        for (Photo p : photos.values()) {
            complete.add(
                    new Photo(p.id(), p.file(), p.width(), p.height(), truths.getOrDefault(p.id(), List.of())));
        }
        return new Dataset(name, List.copyOf(categories.values()), complete, problems);
    }
}
