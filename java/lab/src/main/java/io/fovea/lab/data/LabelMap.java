package io.fovea.lab.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Which category of a data set each class of a model is, by label: upper and lower case, blanks, hyphens and underscores do not
 * count, and PASCAL VOC's own words stand for COCO's (sofa = couch, and so on).
 */
public final class LabelMap {
    private static final Map<String, String> SAME = Map.of("aeroplane", "airplane", "motorbike", "motorcycle", "sofa",
            "couch", "tvmonitor", "tv", "television", "tv", "cyclist", "bicycle");

    private final int[] categoryOfClass;
    private final List<Category> shared;

    private LabelMap(int[] categoryOfClass, List<Category> shared) {
        this.categoryOfClass = categoryOfClass;
        this.shared = List.copyOf(shared);
    }

    /**
     * Maps classes to categories. Categories that no class stands for, with the number of their objects, and classes that are no
     * category are added to the data set's problems.
     *
     * @param classes labels of the score columns
     * @param background column that is no class, or -1
     * @throws DataException if the two have nothing in common
     */
    public static LabelMap of(List<String> classes, int background, Dataset data) {
        Map<String, Category> byLabel = new HashMap<>();
        data.categories().forEach(c -> byLabel.putIfAbsent(plain(c.name()), c));
        int[] map = new int[classes.size()];
        List<Category> shared = new ArrayList<>();
        for (int i = 0; i < map.length; i++) {
            Category found = i == background ? null : byLabel.get(plain(classes.get(i)));
            map[i] = found == null ? Integer.MIN_VALUE : found.id();
            if (found != null && !shared.contains(found)) {
                shared.add(found);
            } else if (found == null && i != background && !isFiller(classes.get(i))) {
                data.problems().add(Problems.Kind.CLASS_NOT_IN_DATA, classes.get(i));
            }
        }
        if (shared.isEmpty()) {
            throw new DataException(data.name() + ": none of its " + data.categories().size()
                    + " categories is a class of the model (" + String.join(", ", classes.subList(0, Math.min(5,
                            classes.size())))
                    + ", ...)");
        }
        Map<Integer, Integer> objects = new HashMap<>();
        data.photos().forEach(p -> p.truths().forEach(t -> objects.merge(t.category(), 1, Integer::sum)));
        for (Category c : data.categories()) {
            if (!shared.contains(c) && objects.containsKey(c.id())) {
                data.problems().add(Problems.Kind.CATEGORY_NOT_IN_MODEL, objects.get(c.id()), c.name());
            }
        }
        return new LabelMap(map, shared);
    }

    /** Returns the category id of a class, or {@link Integer#MIN_VALUE} when the data set has none. */
    public int category(int classId) {
        return categoryOfClass[classId];
    }

    /** Returns whether a class is a category of the data set. */
    public boolean known(int classId) {
        return categoryOfClass[classId] != Integer.MIN_VALUE;
    }

    /** Returns the categories that both have. */
    public List<Category> shared() {
        return shared;
    }

    /** Returns whether a label names nothing: COCO's 91-class heads have columns that were never used. */
    public static boolean isFiller(String label) {
        String p = label.toLowerCase(Locale.ROOT).strip();
        return p.isEmpty() || p.startsWith("n/a") || p.startsWith("unused") || p.equals("background")
                || p.equals("???") || p.startsWith("class ") || p.startsWith("class_");
    }

    private static String plain(String label) {
        String p = label.toLowerCase(Locale.ROOT).replaceAll("[\\s_\\-]", "");
        return SAME.getOrDefault(p, p);
    }
}
