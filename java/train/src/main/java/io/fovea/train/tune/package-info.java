/** Tuning of detectors: a student, pruned or gated, learns to give what its teacher, the whole detector, gives. */
package io.fovea.train.tune;
