package io.fovea.lab.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Photos with annotated objects. Immutable apart from its {@link Problems}, which later stages add to.
 *
 * @param name where it came from, for messages
 * @param categories all categories, by id
 * @param photos all photos in the file's order
 * @param problems what was wrong with the data
 */
public record Dataset(String name, List<Category> categories, List<Photo> photos, Problems problems) {
    public Dataset {
        categories = categories.stream().sorted(Comparator.comparingInt(Category::id)).toList();
        photos = List.copyOf(photos);
    }

    /**
     * Reads a data set: a COCO instances JSON file, or a folder of PASCAL VOC XML files (the folder itself, or its
     * {@code Annotations}).
     *
     * @throws DataException if it does not exist, is neither, cannot be parsed, or lists no photo
     */
    public static Dataset read(Path path) {
        if (!Files.exists(path)) {
            throw new DataException(path + ": no such file or folder");
        }
        return Files.isDirectory(path) ? VocReader.read(path) : CocoReader.read(path);
    }

    /** Returns the set with its first {@code count} photos, or itself when it has no more; 0 means all. */
    public Dataset limit(int count) {
        return count <= 0 || count >= photos.size() ? this : withPhotos(photos.subList(0, count));
    }

    /** Returns the set with other photos. */
    public Dataset withPhotos(List<Photo> next) {
        return new Dataset(name, categories, next, problems);
    }

    /** Returns the set reduced to the given categories: no object of another category stays in any photo. */
    public Dataset withCategories(List<Category> kept) {
        Map<Integer, Category> byId = new HashMap<>();
        kept.forEach(c -> byId.put(c.id(), c));
        List<Photo> next = new ArrayList<>();
        for (Photo p : photos) {
            next.add(new Photo(p.id(), p.file(), p.width(), p.height(),
                    p.truths().stream().filter(t -> byId.containsKey(t.category())).toList()));
        }
        return new Dataset(name, kept, next, problems);
    }

    /** Returns the number of annotated objects. */
    public int objects() {
        return photos.stream().mapToInt(p -> p.truths().size()).sum();
    }
}
