package io.fovea.gate;

import io.fovea.image.Image;

/** Where the values that inactive sites read as come from. Immutable. */
public final class BackgroundSource {
    /**
     * The gate's periphery where it has one ({@link Gate.Answer#periphery}); elsewhere the model's calibrated means if it carries them, else
     * grey.
     */
    public static final BackgroundSource AUTO = new BackgroundSource("auto", null);
    /** The activations of an image that is mid-grey everywhere. */
    public static final BackgroundSource GREY = new BackgroundSource("grey", null);
    /** The model's calibrated means. */
    public static final BackgroundSource MEANS = new BackgroundSource("means", null);
    /** As {@link #AUTO}, but a gate without a periphery is an error. */
    public static final BackgroundSource PERIPHERAL = new BackgroundSource("peripheral", null);

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

    /** Returns whether a gate's periphery is used. */
    public boolean takesPeriphery() {
        return this == AUTO || this == PERIPHERAL;
    }

    /** Returns the name: auto, grey, means, peripheral or image. */
    public String name() {
        return name;
    }

    /** Returns the reference image, or null. */
    public Image image() {
        return image;
    }
}
