package io.fovea.frame;

import io.fovea.image.Image;

/**
 * One picture of a stream.
 *
 * @param image the picture
 * @param index its number in the source, from 0
 * @param seconds when it is shown, from the start of the source; frames need not be equally far apart
 */
public record Frame(Image image, long index, double seconds) {}
