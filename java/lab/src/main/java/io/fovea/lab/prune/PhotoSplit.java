package io.fovea.lab.prune;

import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.Truth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Splits photos into two parts with nearly the same share of every category's photos: iterative stratification (Sechidis et al., On the
 * stratification of multi-label data, ECML 2011) with fixed ties instead of random ones. Halves drawn blindly differ so much in rare
 * categories that what is found on one says little about the other.
 */
public final class PhotoSplit {
    private final double[] wanted = new double[2];
    private final Map<Integer, double[]> wantedOf = new TreeMap<>();
    private final List<List<Integer>> parts = List.of(new ArrayList<>(), new ArrayList<>());

    private PhotoSplit(int photos, double share) {
        wanted[0] = photos * share;
        wanted[1] = photos * (1 - share);
    }

    /**
     * Returns one part of a data set, split as pruning splits it.
     *
     * @param share of the first part, within (0, 1)
     * @param first whether the first part is wanted, which the search sees, or the other, which it does not see
     */
    public static Dataset part(Dataset data, double share, boolean first) {
        int[] part = of(IntStream.range(0, data.photos().size()).toArray(), data.photos(), share)[first ? 0 : 1];
        return data.withPhotos(Arrays.stream(part).sorted().mapToObj(data.photos()::get).toList());
    }

    /**
     * Splits.
     *
     * @param indices photos to split, as indices into {@code photos}; at least two
     * @param share of the first part, within (0, 1)
     * @return the indices of both parts, neither empty
     */
    static int[][] of(int[] indices, List<Photo> photos, double share) {
        PhotoSplit split = new PhotoSplit(indices.length, share);
        Map<Integer, List<Integer>> holding = new HashMap<>();
        TreeSet<Integer> left = new TreeSet<>(Comparator.comparingLong((Integer i) -> photos.get(i).id()));
        for (int i : indices) {
            left.add(i);
        }
        for (int i : left) {
            for (int category : categories(photos.get(i))) {
                holding.computeIfAbsent(category, k -> new ArrayList<>()).add(i);
            }
        }
        holding.forEach((category, all) -> split.wantedOf.put(category,
                new double[]{all.size() * share, all.size() * (1 - share)}));
        while (!holding.isEmpty()) {
            int rarest = holding.entrySet().stream()
                    .min(Comparator.comparingInt((Map.Entry<Integer, List<Integer>> e) -> e.getValue().size())
                            .thenComparing(Map.Entry::getKey))
                    .orElseThrow().getKey();
            for (int i : List.copyOf(holding.get(rarest))) {
                split.assign(i, photos.get(i), rarest);
                left.remove(i);
                holding.values().forEach(list -> list.remove((Integer) i));
            }
            holding.values().removeIf(List::isEmpty);
        }
        for (int i : left) {
            split.assign(i, photos.get(i), null);
        }
        return split.result();
    }

    private static Collection<Integer> categories(Photo photo) {
        return new TreeSet<>(photo.truths().stream().map(Truth::category).toList());
    }

    private void assign(int index, Photo photo, Integer category) {
        int to = category == null ? 0 : compare(wantedOf.get(category));
        if (category == null || to == 0) {
            to = compare(wanted);
        }
        int part = to >= 0 ? 0 : 1;
        parts.get(part).add(index);
        wanted[part]--;
        for (int c : categories(photo)) {
            wantedOf.get(c)[part]--;
        }
    }

    private static int compare(double[] wanted) {
        return Double.compare(wanted[0], wanted[1]);
    }

    private int[][] result() {
        for (int p = 0; p < 2; p++) {
            if (parts.get(p).isEmpty()) {
                parts.get(p).add(parts.get(1 - p).removeLast());
            }
        }
        return new int[][]{parts.get(0).stream().mapToInt(i -> i).toArray(),
                parts.get(1).stream().mapToInt(i -> i).toArray()};
    }
}
