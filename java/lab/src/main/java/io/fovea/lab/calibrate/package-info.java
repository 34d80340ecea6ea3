/** Calibration of a detector from plain photos, and how well it does: mean activations and the head gate. */
package io.fovea.lab.calibrate;
