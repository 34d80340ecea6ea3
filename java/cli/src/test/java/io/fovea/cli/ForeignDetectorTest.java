package io.fovea.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fovea.Box;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Detectors of other makers through the commands, where they and photos are at hand: they detect, look at a part of a photo only, are
 * calibrated and pruned, and what comes out still finds the object.
 */
class ForeignDetectorTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PHOTOS = 14;

    @TempDir
    Path folder;

    private String threshold;

    @Test
    void personVehicleBike() throws IOException {
        threshold = "0.5";
        wholeWay(shared("models/person-vehicle-bike-detection-2002.onnx"), true);
    }

    @Test
    void manyAnchorsAt1024Pixels() throws IOException {
        threshold = "0.5";
        Path file = shared("models/person-vehicle-bike-detection-crossroad-0078.onnx");
        Assumptions.assumeTrue(Files.exists(file), "skipped: no " + file);
        assertEquals(48_384, OnnxReader.read(file).spec().rows());
        wholeWay(file, true);
    }

    @Test
    void faces() throws IOException {
        threshold = "0.4";
        wholeWay(shared("models/face-detection-retail-0004.onnx"), true);
    }

    @Test
    void torchvisionWithRandomWeights() throws IOException {
        String exported = System.getProperty("fovea.torchvision", System.getenv("FOVEA_TORCHVISION"));
        Assumptions.assumeTrue(exported != null, "skipped: FOVEA_TORCHVISION names no folder of exported detectors");
        threshold = "0.6";
        wholeWay(Path.of(exported, "ssdlite320_mobilenet_v3_large.onnx"), false);
    }

    /** Walks through all commands; with random weights what is found in a part of a photo is no object of the whole. */
    private void wholeWay(Path file, boolean trained) throws IOException {
        Assumptions.assumeTrue(Files.exists(file), "skipped: no " + file);
        List<Path> photos = photos();
        List<JsonNode> found = detect(file, photos);
        JsonNode best = null;
        JsonNode object = null;
        for (JsonNode photo : found) {
            for (JsonNode d : photo.path("detections")) {
                Box box = box(d.path("box"));
                boolean small = box.width() * box.height() < photo.path("width").asInt()
                        * photo.path("height").asInt() / 5f;
                if (small && (object == null || d.path("score").asDouble() > object.path("score").asDouble())) {
                    best = photo;
                    object = d;
                }
            }
        }
        assertTrue(object != null, "no small object found in " + PHOTOS + " photos");
        Path photo = Path.of(best.path("image").asText());
        double[] region = around(object.path("box"), best);

        JsonNode gated = parts(file, photo, region);
        check(gated, object, trained);
        JsonNode masked = detect(file, List.of(photo), "--mask", picture(best, region)).getFirst();
        assertEquals(executed(gated), executed(masked), .05, "a rectangle, and a picture of it");
        check(masked, object, trained);

        Path calibrated = folder.resolve("calibrated.onnx");
        run("calibrate", "--model", file, "--images", folder.resolve("photos"), "--out", calibrated, "--kernels",
                "vector");
        Model model = OnnxReader.read(calibrated);
        assertTrue(!model.calibration().means().isEmpty(), "means");
        check(parts(calibrated, photo, region), object, trained);

        Path pruned = folder.resolve("pruned");
        run("prune", "--model", calibrated, "--data", truth(found), "--images", folder.resolve("photos"), "--no-times",
                "--max-sets", "40", "--max-drop", ".01", "--out", pruned);
        Path smaller = pruned.resolve("pruned.onnx");
        int rows = OnnxReader.read(smaller).spec().rows();
        assertTrue(rows < model.spec().rows(), rows + " of " + model.spec().rows() + " anchors");
        check(parts(smaller, photo, region), object, false);
        List<JsonNode> after = detect(smaller, photos);
        long objects = found.stream().mapToLong(p -> p.path("detections").size()).sum();
        long kept = 0;
        for (int p = 0; p < PHOTOS; p++) {
            for (JsonNode d : found.get(p).path("detections")) {
                kept += isAmong(after.get(p), d) ? 1 : 0;
            }
        }
        // A handful of objects, and anchors chosen on half of them: one more or less is no news.
        assertTrue(!trained || kept >= .5 * objects, kept + " of " + objects + " objects found after pruning");
    }

    private void check(JsonNode photo, JsonNode object, boolean trained) {
        assertTrue(executed(photo) < .8, "executed share " + executed(photo));
        if (trained) {
            assertTrue(isAmong(photo, object), object + " is not among " + photo.path("detections"));
        }
    }

    private static boolean isAmong(JsonNode photo, JsonNode object) {
        for (JsonNode d : photo.path("detections")) {
            if (d.path("label").equals(object.path("label")) && overlap(d.path("box"), object.path("box")) >= .5) {
                return true;
            }
        }
        return false;
    }

    private static double executed(JsonNode photo) {
        return photo.path("work").path("executedShare").asDouble();
    }

    private static double overlap(JsonNode a, JsonNode b) {
        return box(a).iou(box(b));
    }

    private static Box box(JsonNode box) {
        return new Box((float) box.path("x").asDouble(), (float) box.path("y").asDouble(),
                (float) box.path("width").asDouble(), (float) box.path("height").asDouble());
    }

    /** A box grown by a fifth of its size and by 16 pixels, within its photo: x, y, width, height. */
    private static double[] around(JsonNode box, JsonNode photo) {
        double[] region = new double[4];
        for (int axis = 0; axis < 2; axis++) {
            double from = box.path(axis == 0 ? "x" : "y").asDouble();
            double size = box.path(axis == 0 ? "width" : "height").asDouble();
            double all = photo.path(axis == 0 ? "width" : "height").asDouble();
            double first = Math.max(0, from - .2 * size - 16);
            region[axis] = Math.rint(first);
            region[2 + axis] = Math.rint(Math.min(all, from + 1.2 * size + 16) - first);
        }
        return region;
    }

    private JsonNode parts(Path model, Path photo, double[] r) throws IOException {
        return detect(model, List.of(photo), "--region", "%d,%d,%d,%d".formatted((int) r[0], (int) r[1], (int) r[2],
                (int) r[3])).getFirst();
    }

    private Path picture(JsonNode photo, double[] r) throws IOException {
        BufferedImage picture = new BufferedImage(photo.path("width").asInt(), photo.path("height").asInt(),
                BufferedImage.TYPE_BYTE_GRAY);
        Graphics2D g = picture.createGraphics();
        g.setColor(Color.WHITE);
        g.fillRect((int) r[0], (int) r[1], (int) r[2], (int) r[3]);
        g.dispose();
        Path file = folder.resolve("mask.png");
        ImageIO.write(picture, "png", file.toFile());
        return file;
    }

    private List<JsonNode> detect(Path model, List<Path> photos, Object... more) throws IOException {
        List<Object> args = new ArrayList<>(photos);
        args.addAll(0, List.of("detect", "--model", model, "--threshold", threshold, "--kernels", "vector", "--json",
                "-"));
        args.addAll(List.of(more));
        List<JsonNode> results = new ArrayList<>();
        for (String line : run(args.toArray()).lines().toList()) {
            results.add(JSON.readTree(line));
        }
        return results;
    }

    private static String run(Object... args) {
        CommandRun run = CommandRun.of(args);
        assertEquals(0, run.code(), () -> List.of(args) + ": " + run.err());
        return run.out();
    }

    /** What the whole net found, as a data set. */
    private Path truth(List<JsonNode> found) throws IOException {
        ObjectNode set = JSON.createObjectNode();
        ArrayNode images = set.putArray("images");
        ArrayNode objects = set.putArray("annotations");
        List<String> labels = new ArrayList<>();
        for (JsonNode photo : found) {
            images.addObject().put("id", images.size())
                    .put("file_name", Path.of(photo.path("image").asText()).getFileName().toString())
                    .put("width", photo.path("width").asInt()).put("height", photo.path("height").asInt());
            for (JsonNode d : photo.path("detections")) {
                String label = d.path("label").asText();
                if (!labels.contains(label)) {
                    labels.add(label);
                }
                Box box = box(d.path("box"));
                objects.addObject().put("id", objects.size()).put("image_id", images.size())
                        .put("category_id", 1 + labels.indexOf(label)).put("area", box.width() * box.height())
                        .putArray("bbox").add(box.x()).add(box.y()).add(box.width()).add(box.height());
            }
        }
        ArrayNode categories = set.putArray("categories");
        labels.forEach(label -> categories.addObject().put("id", categories.size()).put("name", label));
        return Files.writeString(folder.resolve("truth.json"), set.toString());
    }

    /** Copies the first photos, so that a folder of them can be named. */
    private List<Path> photos() throws IOException {
        Path from = shared("data/coco-val/images");
        Assumptions.assumeTrue(Files.isDirectory(from), "skipped: no " + from);
        Files.createDirectories(folder.resolve("photos"));
        List<Path> photos = new ArrayList<>();
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.sorted().limit(PHOTOS).toList()) {
                photos.add(Files.copy(file, folder.resolve("photos").resolve(file.getFileName())));
            }
        }
        return photos;
    }

    private static Path shared(String name) {
        String given = System.getProperty("fovea.shared", System.getenv("FOVEA_SHARED"));
        Path at = Path.of("").toAbsolutePath();
        while (at.getParent() != null && !Files.exists(at.resolve(".git"))) {
            at = at.getParent();
        }
        return (given != null ? Path.of(given) : at.resolveSibling("shared")).resolve(name);
    }
}
