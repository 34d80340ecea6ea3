package io.fovea;

/**
 * One object found in a photo.
 *
 * @param label class label
 * @param classId column of the class in the model's scores (the background class counts)
 * @param score in [0, 1]
 * @param box where, in pixels of the photo, clipped to it
 */
public record Detection(String label, int classId, float score, Box box) {}
