package io.fovea.train.tune;

import io.fovea.lab.data.Truth;
import java.nio.file.Path;
import java.util.List;

/**
 * A photo to learn from.
 *
 * @param file where it is
 * @param truths its objects in pixels of the photo, or null when nothing is known of it
 */
public record TunePhoto(Path file, List<Truth> truths) {
    public TunePhoto {
        truths = truths == null ? null : List.copyOf(truths);
    }
}
