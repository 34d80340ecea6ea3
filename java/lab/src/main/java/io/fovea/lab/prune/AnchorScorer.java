package io.fovea.lab.prune;

import java.util.List;

/** Tells the average precision of anchor sets on the search photos. Implementations are deterministic. */
public interface AnchorScorer {

    /** Returns the average precision with the given shapes only. */
    double score(AnchorSet kept);

    /** Returns the average precision of sets that are made of {@code parent} by one removal each; they may be judged together. */
    default double[] scoreChildren(AnchorSet parent, List<AnchorSet> children) {
        return children.stream().mapToDouble(this::score).toArray();
    }

    /** Returns by how much {@code candidate} must exceed {@code base} so that its gain is more than chance. */
    double noise(AnchorSet base, AnchorSet candidate);
}
