package io.fovea.lab.data;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was wrong with the data: every occurrence is counted, the first of each kind are kept as examples. Thread-safe. */
public final class Problems {
    private static final int EXAMPLES = 3;

    /** Kinds of problems and what is done about them. */
    public enum Kind {
        /** The photo's file does not exist. */
        PHOTO_MISSING("photo without a file, skipped"),
        /** The photo's file cannot be decoded. */
        PHOTO_UNREADABLE("photo that cannot be decoded, skipped"),
        /** Two photos have one id; the first is kept. */
        DUPLICATE_PHOTO("photo with an id that another has, skipped"),
        /** A photo entry lacks its id or file name. */
        PHOTO_INCOMPLETE("photo entry without id or file name, skipped"),
        /** Two annotations have one id; the first is kept. */
        DUPLICATE_ANNOTATION("annotation with an id that another has, skipped"),
        /** An annotation lacks a field or holds a value that is no number. */
        ANNOTATION_INCOMPLETE("annotation with a missing or unusable field, skipped"),
        /** An annotation or detection names a photo that is not in the set. */
        UNKNOWN_PHOTO("box of a photo that the set does not list, skipped"),
        /** An annotation or detection names a category that is not in the set. */
        UNKNOWN_CATEGORY("box of a category that the set does not list, skipped"),
        /** Objects of a category that the model has no class for. */
        CATEGORY_NOT_IN_MODEL("object of a category that the model does not know, left out of the figures"),
        /** A class of the model that the data set does not have. */
        CLASS_NOT_IN_DATA("class of the model that the set does not have, its detections left out"),
        /** The box reaches beyond its photo by more than a pixel. */
        BOX_OUTSIDE("box that reaches outside its photo, kept as it is"),
        /** Width or height is 0. */
        BOX_DEGENERATE("box without width or height, kept: it can only be missed"),
        /** The file says another size than the data set. */
        SIZE_DIFFERS("photo whose file has another size than the set states, the file's is used");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** Returns what the problem is and what is done, in words. */
        public String text() {
            return text;
        }
    }

    private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    private final Map<Kind, List<String>> examples = new EnumMap<>(Kind.class);

    /** Counts one problem; {@code place} says where. */
    public void add(Kind kind, String place) {
        add(kind, 1, place);
    }

    /** Counts {@code times} problems at one place. */
    public synchronized void add(Kind kind, int times, String place) {
        counts.merge(kind, times, Integer::sum);
        List<String> seen = examples.computeIfAbsent(kind, k -> new ArrayList<>());
        if (seen.size() < EXAMPLES) {
            seen.add(place);
        }
    }

    /** Adds all of another collection. */
    public void addAll(Problems other) {
        Map<Kind, Integer> theirs = other.counts();
        theirs.forEach((kind, count) -> add(kind, count, String.join(", ", other.examples(kind))));
    }

    /** Returns how often a kind was seen. */
    public synchronized int count(Kind kind) {
        return counts.getOrDefault(kind, 0);
    }

    /** Returns the counts of the kinds that were seen. */
    public synchronized Map<Kind, Integer> counts() {
        return new LinkedHashMap<>(counts);
    }

    /** Returns whether nothing was wrong. */
    public synchronized boolean isEmpty() {
        return counts.isEmpty();
    }

    /** Returns one line per kind: count, meaning and the first places. */
    public synchronized List<String> lines() {
        List<String> lines = new ArrayList<>();
        counts.forEach((kind, count) -> {
            List<String> seen = examples.get(kind);
            lines.add(count + " x " + kind.text() + " (" + String.join(", ", seen)
                    + (count > seen.size() ? ", ..." : "") + ")");
        });
        return lines;
    }

    private synchronized List<String> examples(Kind kind) {
        return List.copyOf(examples.getOrDefault(kind, List.of()));
    }
}
