package io.fovea.lab.prune;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What one step of the search may remove: single shapes, or, for heads that share weights over levels, a shape on all levels at once
 * or a whole level.
 *
 * @param all every shape
 * @param units what is removed together, in the order in which ties are broken
 */
public record SearchSpace(AnchorSet all, List<AnchorSet> units) {
    public SearchSpace {
        units = List.copyOf(units);
    }

    /** Each shape by itself. */
    public static SearchSpace singleShapes(HeadCost head) {
        int n = head.shapes();
        return new SearchSpace(head.all(), IntStream.range(0, n).mapToObj(i -> AnchorSet.of(n, i)).toList());
    }

    /** Each shape of one level by itself. */
    public static SearchSpace oneLevel(HeadCost head, int level) {
        int n = head.shapes();
        return new SearchSpace(head.all(),
                IntStream.of(head.level(level).members()).mapToObj(i -> AnchorSet.of(n, i)).toList());
    }

    /**
     * Each shape on all levels at once, then each whole level.
     *
     * @throws IllegalArgumentException if the levels differ in their number of shapes
     */
    public static SearchSpace sharedShapes(HeadCost head) {
        int per = head.levels().get(0).anchors();
        int n = head.shapes();
        List<AnchorSet> units = new ArrayList<>();
        for (HeadCost.Level level : head.levels()) {
            if (level.anchors() != per) {
                throw new IllegalArgumentException("shared shapes need the same number of anchors on every level; here "
                        + per + " and " + level.anchors());
            }
        }
        for (int a = 0; a < per; a++) {
            int shape = a;
            units.add(AnchorSet.of(n, IntStream.range(0, head.levels().size()).map(l -> l * per + shape).toArray()));
        }
        for (int l = 0; l < head.levels().size(); l++) {
            units.add(head.level(l));
        }
        return new SearchSpace(head.all(), units);
    }

    /** Returns the sets that one removal makes of {@code kept}, in the order of the units; the empty set is none of them. */
    public List<AnchorSet> children(AnchorSet kept) {
        List<AnchorSet> children = new ArrayList<>();
        for (AnchorSet unit : units) {
            AnchorSet child = kept.minus(unit);
            if (child.size() < kept.size() && child.size() > 0 && !children.contains(child)) {
                children.add(child);
            }
        }
        return children;
    }
}
