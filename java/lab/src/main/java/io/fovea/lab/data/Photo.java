package io.fovea.lab.data;

import java.util.List;

/**
 * A photo of a data set.
 *
 * @param id the data set's number
 * @param file file name, relative to the folder of photos
 * @param width pixels as the data set states them, 0 when it does not
 * @param height pixels as the data set states them, 0 when it does not
 * @param truths its annotated objects in the file's order
 */
public record Photo(long id, String file, int width, int height, List<Truth> truths) {
    public Photo {
        truths = List.copyOf(truths);
    }
}
