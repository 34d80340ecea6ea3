package io.fovea.gate;

import io.fovea.image.Image;

/** Where the values that inactive sites read as come from. Immutable. */
public final class BackgroundSource {
    /** The model's calibrated means if it carries them, else grey. */
    public static final BackgroundSource AUTO = new BackgroundSource("auto", null);
    /** The activations of an image that is mid-grey everywhere. */
    public static final BackgroundSource GREY = new BackgroundSource("grey", null);
    /** The model's calibrated means. */
    public static final BackgroundSource MEANS = new BackgroundSource("means", null);

    private final String name;
    private final Image image;

    private BackgroundSource(String name, Image image) {
        this.name = name;
        this.image = image;
    }

    /** Returns the activations of a reference image, for example the empty scene of a fixed camera. */
    public static BackgroundSource image(Image reference) {
        return new BackgroundSource("image", reference);
    }

    /** Returns the name: auto, grey, means or image. */
    public String name() {
        return name;
    }

    /** Returns the reference image, or null. */
    public Image image() {
        return image;
    }
}
