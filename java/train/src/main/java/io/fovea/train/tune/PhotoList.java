package io.fovea.train.tune;

import io.fovea.cli.Photos;
import io.fovea.format.DetectorSpec;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.LabelMap;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.Problems;
import io.fovea.lab.data.Truth;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Lists the photos of folders, with what a data set knows of them. */
final class PhotoList {
    private PhotoList() {
    }

    /**
     * Lists.
     *
     * @param folders each {@code DIR} or {@code DIR,N}: the first N by name
     * @param data COCO instances, or null; photos that it does not list, or lists without any object, are unknown
     * @param teacher whose score columns become the truths' categories
     * @param usage makes of a message what is thrown
     */
    static List<TunePhoto> of(List<String> folders, Path data, DetectorSpec teacher, Problems problems,
            Function<String, RuntimeException> usage) throws IOException {
        Map<String, List<Truth>> known = data == null ? Map.of() : known(data, teacher);
        List<TunePhoto> photos = new ArrayList<>();
        for (String text : folders) {
            int comma = text.matches(".*,\\d{1,9}") ? text.lastIndexOf(',') : -1;
            Path folder = Path.of(comma < 0 ? text : text.substring(0, comma));
            long limit = comma < 0 ? Long.MAX_VALUE : Long.parseLong(text.substring(comma + 1));
            if (!Files.isDirectory(folder)) {
                throw new NotDirectoryException(folder.toString());
            }
            List<Photos.Photo> found = Photos.list(List.of(folder),
                    (path, message) -> problems.add(Problems.Kind.PHOTO_UNREADABLE, path + ": " + message));
            if (found.isEmpty()) {
                throw usage.apply("--images: " + folder + " holds no photo (JPEG or PNG)");
            }
            found.stream().limit(limit)
                    .forEach(p -> photos.add(new TunePhoto(p.path(), known.get(p.path().getFileName().toString()))));
        }
        return photos;
    }

    private static Map<String, List<Truth>> known(Path data, DetectorSpec teacher) {
        Dataset set = Dataset.read(data);
        LabelMap labels = LabelMap.of(teacher.classes(), teacher.backgroundIndex(), set);
        Map<Integer, Integer> column = new HashMap<>();
        for (int c = 0; c < teacher.classes().size(); c++) {
            if (labels.known(c)) {
                column.putIfAbsent(labels.category(c), c);
            }
        }
        Map<String, List<Truth>> known = new HashMap<>();
        for (Photo p : set.photos()) {
            List<Truth> truths = p.truths().stream().filter(t -> column.containsKey(t.category()))
                    .map(t -> new Truth(t.id(), column.get(t.category()), t.x(), t.y(), t.width(), t.height(), t.area(),
                            t.crowd(), t.difficult()))
                    .toList();
            if (!truths.isEmpty()) {
                known.put(Path.of(p.file()).getFileName().toString(), truths);
            }
        }
        return known;
    }

    /** Returns what tells these files and photos from others. */
    static String identity(Path student, Path teacher, List<TunePhoto> photos) throws IOException {
        StringBuilder names = new StringBuilder();
        photos.forEach(p -> names.append(p.file()).append(p.truths() == null ? 0 : p.truths().hashCode()).append('\n'));
        return "student " + hash(Files.readAllBytes(student)) + " teacher " + hash(Files.readAllBytes(teacher))
                + " photos "
                + photos.size() + " " + hash(names.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
