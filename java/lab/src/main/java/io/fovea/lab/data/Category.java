package io.fovea.lab.data;

/**
 * A class of objects in a data set.
 *
 * @param id the data set's own number
 * @param name label
 */
public record Category(int id, String name) {}
