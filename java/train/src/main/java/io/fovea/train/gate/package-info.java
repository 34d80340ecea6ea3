/** Objectness gates learnt from plain photos: what is kept of a photo, labels, the head, its training and its report. */
package io.fovea.train.gate;
