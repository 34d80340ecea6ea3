package io.fovea.train.gate;

import java.nio.file.Path;
import java.util.List;

/**
 * What is kept of a photo to learn from. Maps are float16, {@code [channels][height][width]}, one per value read.
 *
 * @param file the photo
 * @param maps of the photo
 * @param mirrored maps of the photo mirrored left to right
 * @param marks what the gate should let through, in pixels of the detector's input
 */
record GateSample(Path file, short[][] maps, short[][] mirrored, List<Mark> marks) {}
