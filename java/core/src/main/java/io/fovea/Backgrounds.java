package io.fovea;

import io.fovea.format.Model;
import io.fovea.gate.BackgroundSource;
import io.fovea.image.Image;
import io.fovea.image.InputEncoder;
import io.fovea.run.Gating;
import io.fovea.run.MeanBackground;
import io.fovea.run.ReferenceBackground;
import io.fovea.run.Session;
import io.fovea.sites.Background;

/** Makes the background that a detector's options ask for. */
final class Backgrounds {
    private static final int GREY = 128;

    private Backgrounds() {
    }

    static Background of(DetectorOptions options, Model model, Session session, InputEncoder encoder) {
        BackgroundSource source = options.background();
        boolean calibrated = !model.calibration().means().isEmpty();
        boolean exact = options.mode() == Gating.Mode.EXACT;
        if (source == BackgroundSource.MEANS && (!calibrated || exact)) {
            throw new IllegalArgumentException(exact
                    ? "exact mode needs a reference image as background, not means"
                    : "model '" + model.spec().name() + "' carries no calibrated means: run calibrate first");
        }
        if (source == BackgroundSource.MEANS || source.takesPeriphery() && calibrated && !exact) {
            return new MeanBackground("means", model.calibration().means());
        }
        Image reference = source.image() != null ? source.image() : grey(model);
        return ReferenceBackground.of(source.image() != null ? "image" : "grey", session,
                input -> encoder.encode(reference, input));
    }

    private static Image grey(Model model) {
        int width = model.spec().input().width();
        int height = model.spec().input().height();
        byte[] pixels = new byte[3 * width * height];
        java.util.Arrays.fill(pixels, (byte) GREY);
        return Image.ofRgb(pixels, width, height, 3 * width);
    }
}
