package io.fovea.lab.prune;

import java.util.List;

/**
 * The arithmetic of a detector head by anchor set: boxes and multiply-accumulates of what computes boxes and scores on the feature
 * maps. Immutable.
 *
 * @param levels the feature maps in the order of the detector spec
 */
public record HeadCost(List<HeadCost.Level> levels) {
    public HeadCost {
        levels = List.copyOf(levels);
    }

    /**
     * One feature map's share of the head.
     *
     * @param sites positions of the map
     * @param anchors shapes at each position
     * @param macsPerAnchor multiply-accumulates for one shape's box and scores on all positions
     * @param sharedMacs what the level needs whatever its anchors are, and only as long as it has one: towers, depthwise layers
     */
    public record Level(int sites, int anchors, long macsPerAnchor, long sharedMacs) {

        /**
         * Returns a level whose boxes and scores come straight from k x k convolutions.
         *
         * @param height of the map
         * @param width of the map
         * @param anchors shapes per position
         * @param channels of the map
         * @param kernel kernel size, k
         * @param outputs values per anchor: four for the box and one per class (background included, where there is one)
         * @param shared further multiply-accumulates per position that all anchors share
         */
        public static Level plain(int height, int width, int anchors, int channels, int kernel, int outputs,
                long shared) {
            long sites = (long) height * width;
            return new Level((int) sites, anchors, sites * kernel * kernel * channels * outputs, sites * shared);
        }
    }

    /** Returns the number of anchor shapes of all levels. */
    public int shapes() {
        return levels.stream().mapToInt(Level::anchors).sum();
    }

    /** Returns the set of all shapes. */
    public AnchorSet all() {
        return AnchorSet.all(shapes());
    }

    /** Returns the number of the first shape of a level; with the number of levels, the number of all shapes. */
    public int first(int level) {
        return levels.subList(0, level).stream().mapToInt(Level::anchors).sum();
    }

    /** Returns the shapes of one level. */
    public AnchorSet level(int level) {
        int from = first(level);
        return AnchorSet.of(shapes(), java.util.stream.IntStream.range(from, from + levels.get(level).anchors())
                .toArray());
    }

    /** Returns how many shapes of each level a set keeps. */
    public int[] perLevel(AnchorSet kept) {
        int[] count = new int[levels.size()];
        int id = 0;
        for (int l = 0; l < count.length; l++) {
            for (int a = 0; a < levels.get(l).anchors(); a++) {
                count[l] += kept.contains(id++) ? 1 : 0;
            }
        }
        return count;
    }

    /** Returns the head's multiply-accumulates with the kept shapes. */
    public long macs(AnchorSet kept) {
        int[] count = perLevel(kept);
        long sum = 0;
        for (int l = 0; l < count.length; l++) {
            Level level = levels.get(l);
            sum += count[l] == 0 ? 0 : level.sharedMacs() + count[l] * level.macsPerAnchor();
        }
        return sum;
    }

    /** Returns the number of boxes (head rows) with the kept shapes. */
    public long boxes(AnchorSet kept) {
        int[] count = perLevel(kept);
        long sum = 0;
        for (int l = 0; l < count.length; l++) {
            sum += (long) count[l] * levels.get(l).sites();
        }
        return sum;
    }
}
