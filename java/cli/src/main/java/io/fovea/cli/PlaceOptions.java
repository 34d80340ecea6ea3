package io.fovea.cli;

import io.fovea.gate.Gate;
import io.fovea.gate.MaskGate;
import io.fovea.gate.RegionGate;
import io.fovea.gate.RegionGate.Region;
import io.fovea.image.Image;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Where a person says that objects can be: rectangles or a picture. */
public final class PlaceOptions {
    @Option(names = "--region", paramLabel = "X,Y,W,H", //
            description = "Look for objects in this rectangle (pixels of the photo) only; may be given several times.")
    private List<String> regions = List.of();

    @Option(names = "--mask", paramLabel = "FILE", //
            description = "Look for objects where this picture is bright only; it is stretched over each photo.")
    private Path mask;

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    /**
     * Returns the gate that was asked for, or null when none was.
     *
     * @param cell cell size of its masks in pixels of the net's input
     * @throws ParameterException naming the option that is wrong
     */
    public Gate gate(int cell) {
        if (mask != null && !regions.isEmpty()) {
            throw usage("--mask and --region exclude each other");
        }
        if (mask != null) {
            return new MaskGate(image("--mask", mask), cell);
        }
        if (!regions.isEmpty()) {
            List<Region> parsed = new ArrayList<>();
            for (String text : regions) {
                parsed.add(region(text));
            }
            return new RegionGate(parsed, cell);
        }
        return null;
    }

    /** Returns whether places were given in any way. */
    public boolean given() {
        return mask != null || !regions.isEmpty();
    }

    private Region region(String text) {
        String[] parts = text.split(",", -1);
        float[] numbers = new float[4];
        try {
            for (int i = 0; i < 4 && parts.length == 4; i++) {
                numbers[i] = Float.parseFloat(parts[i].strip());
            }
        } catch (NumberFormatException e) {
            numbers[2] = Float.NaN;
        }
        boolean finite = Float.isFinite(numbers[0] + numbers[1] + numbers[2] + numbers[3]);
        if (parts.length != 4 || !finite || numbers[2] <= 0 || numbers[3] <= 0) {
            throw usage("--region: '" + text + "' is not x,y,width,height with a width and height above 0");
        }
        return new Region(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    /** Reads a picture that an option names. */
    Image image(String option, Path file) {
        try {
            return Image.read(file);
        } catch (RuntimeException e) {
            String message = Lines.message(e);
            throw usage(option + ": " + (message.contains(file.toString()) ? message : file + ": " + message));
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
