package io.fovea.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fovea.format.Calibration;
import io.fovea.format.CalibrationJson;
import io.fovea.format.Model;
import io.fovea.graph.Shape;
import io.fovea.lab.calibrate.CalibrationReport;
import io.fovea.lab.calibrate.HeadGateJudge.Verdict;
import io.fovea.lab.calibrate.LevelReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;

/** What {@code fovea calibrate} says, as tables and as JSON. */
final class CalibrateReport {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private CalibrateReport() {
    }

    static void print(Model model, CalibrationReport report, PrintWriter out) {
        out.println(model.spec().name() + ": " + Lines.plural(report.trainingPhotos(), "photo") + " learnt from, "
                + report.heldOutPhotos() + " held out; means of "
                + Lines.plural(report.calibration().means().size(), "value"));
        if (report.levels().isEmpty()) {
            out.println("No head gate: the head's outputs are not joined level by level.");
            return;
        }
        out.println();
        TextTable table = new TextTable("  ", ">level", "map", ">channels", ">examples", ">of sites", ">learnt from",
                ">rows > " + report.settings().keepAbove(), ">kept", ">active sites", ">head MACs", "");
        int number = 0;
        for (LevelReport level : report.levels()) {
            Shape shape = model.graph().shape(level.input());
            table.row(++number, shape.height() + "x" + shape.width(), level.channels(), level.positives(),
                    level.trainingSites(), level.sampled(), level.rows(), percent(level.keptShare()),
                    percent(level.activeShare()), Lines.count(level.headMacs()), level.note());
        }
        table.print(out);
        out.println();
        out.println(report.calibration().headGate().isEmpty()
                ? "No head gate: no level has enough examples."
                : String.format(Locale.ROOT,
                        "Rows, kept and active sites are those of the held-out photos; there the head gate with a "
                                + "dense body executes %.3f of the dense MACs.",
                        report.executedShare()));
    }

    static void print(Verdict verdict, double above, double iou, PrintWriter out) {
        out.printf(Locale.ROOT, "Head gate against the dense head on %s: %.4f of the dense MACs executed; detections "
                + "above %.1f: %d dense, %d gated, %d the same (class, IoU >= %.2f), F1 %.5f%n",
                Lines.plural(verdict.photos(), "photo"), verdict.executedShare(), above, verdict.dense(),
                verdict.gated(), verdict.matched(), iou, verdict.f1());
    }

    static ObjectNode json(Verdict verdict, double above, double iou) {
        return MAPPER.createObjectNode().put("photos", verdict.photos()).put("executedShare", verdict.executedShare())
                .put("above", above).put("iou", iou).put("dense", verdict.dense()).put("gated", verdict.gated())
                .put("matched", verdict.matched()).put("f1", verdict.f1());
    }

    /** Returns how a calibration was made and how it came out. */
    static ObjectNode made(Model model, Path images, int named, CalibrationReport report) {
        ObjectNode o = MAPPER.createObjectNode().put("model", model.spec().name());
        o.put("images", images.normalize().toString()).put("photos", named)
                .put("learntFrom", report.trainingPhotos()).put("heldOut", report.heldOutPhotos())
                .put("label", report.settings().label()).put("keepAbove", report.settings().keepAbove())
                .put("keepShare", report.settings().keepShare()).put("seed", report.settings().seed())
                .put("kernels", report.settings().kernels())
                .put("heldOutExecutedShare", rounded(report.executedShare()));
        ArrayNode levels = o.putArray("levels");
        for (LevelReport level : report.levels()) {
            levels.addObject().put("input", level.input()).put("sites", level.sites()).put("channels", level.channels())
                    .put("trainingSites", level.trainingSites()).put("positives", level.positives())
                    .put("learntFrom", level.sampled()).put("rows", level.rows()).put("keptRows", level.keptRows())
                    .put("activeShare", rounded(level.activeShare())).put("note", level.note());
        }
        return o;
    }

    /** Returns a calibration as a file of its own, with what made it. */
    static String document(Calibration calibration, ObjectNode made) {
        try {
            ObjectNode o = MAPPER.createObjectNode();
            o.set("made", made);
            o.setAll((ObjectNode) MAPPER.readTree(CalibrationJson.write(calibration)));
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(o);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static double rounded(double share) {
        return Math.round(share * 10_000) / 10_000.0;
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }
}
