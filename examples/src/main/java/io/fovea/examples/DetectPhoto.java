package io.fovea.examples;

import io.fovea.Detection;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.image.Image;
import java.nio.file.Path;

/** Prints what is in a photo: {@code java ... DetectPhoto m.onnx street.jpg}. */
public final class DetectPhoto {
    private DetectPhoto() {
    }

    /**
     * Runs the example.
     *
     * @param args a model file (made by {@code ./fovea export}) and a photo
     */
    public static void main(String[] args) {
        DetectorOptions options = DetectorOptions.builder().scoreThreshold(0.5f).build();
        try (Detector detector = Detector.open(Path.of(args[0]), options)) {
            for (Detection found : detector.detect(Image.read(Path.of(args[1])))) {
                System.out.println(found.label() + " " + found.score() + " " + found.box());
            }
        }
    }
}
