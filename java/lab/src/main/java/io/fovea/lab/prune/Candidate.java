package io.fovea.lab.prune;

/**
 * An anchor set and its score.
 *
 * @param kept the shapes that stay
 * @param score what it is judged by
 */
public record Candidate(AnchorSet kept, Score score) {}
