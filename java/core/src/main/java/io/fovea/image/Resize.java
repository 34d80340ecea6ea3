package io.fovea.image;

/** How a photo is stretched to another size; the aspect ratio is not kept. */
public enum Resize {
    /** Bilinear, source = target * scale (TensorFlow 1 {@code ResizeBilinear} without aligned corners or half-pixel centres). */
    BILINEAR_ASYMMETRIC,
    /** Bilinear, source = (target + 1/2) * scale - 1/2, without smoothing (OpenCV {@code INTER_LINEAR}). */
    BILINEAR,
    /** Bilinear with half-pixel centres and a triangle filter widened when shrinking (Pillow, PyTorch {@code antialias}). */
    BILINEAR_ANTIALIAS
}
