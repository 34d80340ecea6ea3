/**
 * Kernels of oneDNN (libdnnl 3.x) through java.lang.foreign: matrix products over packed rows, and whole-map convolutions where every
 * site is active. Nothing is loaded before the tier is asked for a kernel that it may have.
 */
package io.fovea.kernel.onednn;
