package io.fovea.zoo;

/**
 * What a list of the zoo shows.
 *
 * @param name name to ask for
 * @param title one line for people
 * @param inputWidth pixels
 * @param inputHeight pixels
 * @param classCount classes that can be detected, the background left out
 * @param licence SPDX id of the package's licence
 * @param source package and version the weights come from
 * @param cached whether the converted model is in the cache, so that no network is needed
 */
public record ZooEntry(String name, String title, int inputWidth, int inputHeight, int classCount, String licence,
        String source, boolean cached) {}
