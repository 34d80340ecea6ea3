package io.fovea.image;

/** Order of the colour channels. */
public enum ColorOrder {
    /** Red first. */
    RGB,
    /** Blue first. */
    BGR
}
