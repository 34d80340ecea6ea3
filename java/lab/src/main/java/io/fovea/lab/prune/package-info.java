/**
 * Anchor pruning: which anchor shapes a detector's head can do without (after Bonnaerens et al., Anchor pruning for object
 * detection, CVIU 2022), found by a deterministic search over cached boxes and scores.
 */
package io.fovea.lab.prune;
