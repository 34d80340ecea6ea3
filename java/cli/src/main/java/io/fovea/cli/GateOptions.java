package io.fovea.cli;

import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.format.GateModel;
import io.fovea.format.Glance;
import io.fovea.format.Model;
import io.fovea.gate.BackgroundSource;
import io.fovea.gate.GateSettings;
import io.fovea.gate.ObjectnessGate;
import io.fovea.gate.TrainedGate;
import io.fovea.kernel.Winograd;
import io.fovea.run.Gating;
import io.fovea.run.SessionOptions;
import io.fovea.sites.Mask;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Where objects can be, and how the rest is left out; shared by all commands that run a model. */
public final class GateOptions {
    private static final int MAX_CELL = 1024;

    @Mixin
    private PlaceOptions places;

    @Option(names = "--gate", paramLabel = "none|auto|FILE", defaultValue = "auto", //
            description = "What picks the places to look at when neither --region nor --mask does: a trained gate's file; auto "
                    + "takes the gate that the model carries, if it does; default: ${DEFAULT-VALUE}.")
    private String gate;

    @Option(names = "--gate-threshold", paramLabel = "LOGIT", split = ",", //
            description = "Look where the trained gate's logit is above; default: the gate's own.")
    private List<Float> thresholds = List.of();

    @Option(names = "--margin", paramLabel = "PX", split = ",", //
            description = "Grow those places by so many pixels of the net's input; default: a trained gate's own, else 0.")
    private List<Integer> margins = List.of();

    @Option(names = "--cell", paramLabel = "PX", //
            description = "Cells of the mask, in pixels of the net's input; default: a trained gate's own, else "
                    + Mask.DEFAULT_CELL + ".")
    private Integer cell;

    @Option(names = "--mode", paramLabel = "gated|exact", defaultValue = "gated", //
            description = "gated leaves the rest out of every layer; exact gives what the whole net finds in the photo "
                    + "with the rest painted over by the background; default: ${DEFAULT-VALUE}.")
    private Gating.Mode mode;

    @Option(names = "--background", paramLabel = "auto|peripheral|means|grey|FILE", defaultValue = "auto", //
            description = "What places left out read as: the trained gate's own view of the photo, the model's calibrated means, a "
                    + "grey picture, or a photo, for example of the empty scene; auto: the first of these that there is.")
    private String background;

    @Option(names = "--coarse", paramLabel = "SHARE", //
            description = "In coarse feature maps a site is computed when more than this share of it is to be looked at, "
                    + "0 for any; default: a trained gate's own, else " + Gating.DEFAULT_COARSE_SHARE
                    + ". For --mode gated.")
    private Double coarse;

    @Option(names = "--head-gate", paramLabel = "auto|off", defaultValue = "auto", //
            description = "auto: the model's head gate, if it carries one, picks the sites of the head that are computed; off: all "
                    + "are. Default: ${DEFAULT-VALUE}.")
    private HeadGateUse headGate;

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    /** What {@code --head-gate} says. */
    enum HeadGateUse {
        AUTO, OFF
    }

    /**
     * Sets what was asked for and returns the builder.
     *
     * @throws ParameterException naming the option that is wrong
     */
    public DetectorOptions.Builder apply(DetectorOptions.Builder builder) {
        if (thresholds.size() > 1 || margins.size() > 1) {
            throw usage((thresholds.size() > 1 ? "--gate-threshold" : "--margin") + ": one value is needed here");
        }
        return apply(builder, settings().getFirst());
    }

    /**
     * One way of making masks.
     *
     * @param threshold of the trained gate, or null for its own
     * @param margin in pixels, or null for the gate's own
     */
    record Setting(Float threshold, Integer margin) {}

    /** Returns every threshold with every margin that was named; one setting at least. */
    List<Setting> settings() {
        List<Setting> all = new ArrayList<>();
        for (Float threshold : thresholds.isEmpty() ? Collections.<Float>singletonList(null) : thresholds) {
            for (Integer margin : margins.isEmpty() ? Collections.<Integer>singletonList(null) : margins) {
                all.add(new Setting(threshold, margin));
            }
        }
        return all;
    }

    /** As {@link #apply(DetectorOptions.Builder)}, with one of {@link #settings()}. */
    DetectorOptions.Builder apply(DetectorOptions.Builder builder, Setting setting) {
        if (setting.margin() != null && setting.margin() < 0) {
            throw usage("--margin: " + setting.margin() + " is below 0");
        }
        if (setting.threshold() != null && !Float.isFinite(setting.threshold())) {
            throw usage("--gate-threshold: " + setting.threshold() + " is not finite");
        }
        if (cell != null && (cell < 1 || cell > MAX_CELL)) {
            throw usage("--cell: " + cell + " is not within 1.." + MAX_CELL);
        }
        if (coarse != null && !(coarse >= 0 && coarse < 1)) {
            throw usage("--coarse: " + coarse + " is not at least 0 and below 1");
        }
        if (coarse != null) {
            builder.coarseShare(coarse);
        }
        if (given() || gate().isNone()) {
            if (setting.threshold() != null) {
                throw usage("--gate-threshold: needs a trained gate");
            }
            builder.margin(setting.margin() == null ? 0 : setting.margin());
        }
        return builder.mode(mode).background(background()).gate(places.gate(cell())).trainedGate(trained(setting))
                .headGate(headGate == HeadGateUse.AUTO);
    }

    /** Returns the cells that masks have when no trained gate says otherwise. */
    int cell() {
        return cell == null ? Mask.DEFAULT_CELL : cell;
    }

    private TrainedGate trained(Setting setting) {
        if (given() || gate().isNone()) {
            return null;
        }
        return new TrainedGate(gate().file(this::usage), setting.threshold(), cell, setting.margin());
    }

    /** Opens the trained gate that was asked for by itself and without its glance, or returns null when there is none. */
    ObjectnessGate open(Model model, KernelOptions kernels) {
        TrainedGate trained = trained(settings().getFirst());
        GateModel file = trained == null ? null : trained.gate() == null ? model.gate() : trained.gate();
        return file == null
                ? null
                : ObjectnessGate.open(file.with((Glance) null), model, GateSettings.DEFAULT
                        .running(1, kernels.tier(), SessionOptions.Tuning.CACHED, Winograd.AUTO)
                        .periphery(mode == Gating.Mode.GATED && background().takesPeriphery()));
    }

    private GateName gate() {
        return new GateName(gate);
    }

    private BackgroundSource background() {
        return switch (background) {
            case "auto" -> BackgroundSource.AUTO;
            case "grey" -> BackgroundSource.GREY;
            case "peripheral" -> {
                if (mode == Gating.Mode.EXACT) {
                    throw usage("--background: peripheral is not for --mode exact, which needs grey or a photo");
                }
                yield BackgroundSource.PERIPHERAL;
            }
            case "means" -> {
                if (mode == Gating.Mode.EXACT) {
                    throw usage("--background: means is not for --mode exact, which needs grey or a photo");
                }
                yield BackgroundSource.MEANS;
            }
            default -> BackgroundSource.image(places.image("--background", Path.of(background)));
        };
    }

    /**
     * Checks what only the model can say.
     *
     * @throws ParameterException if the model lacks what was asked for
     */
    public void check(Detector detector) {
        if (background.equals("means") && detector.model().calibration().means().isEmpty()) {
            throw usage("--background: model '" + detector.spec().name()
                    + "' carries no calibrated means; there are auto, grey and a photo");
        }
        if (!thresholds.isEmpty() && detector.gate().isEmpty()) {
            throw usage(
                    "--gate-threshold: model '" + detector.spec().name() + "' carries no gate; name one with --gate");
        }
    }

    /** Returns whether a mask was given in any way. */
    public boolean given() {
        return places.given();
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
