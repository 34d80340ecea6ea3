package io.fovea.cli;

import io.fovea.Box;
import io.fovea.Detection;
import io.fovea.DetectionResult.Timings;
import io.fovea.DetectionResult.Work;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/**
 * What was found in one photo.
 *
 * @param photo the photo
 * @param width its width in pixels
 * @param height its height in pixels
 * @param detections what was found, best first
 * @param decodeMillis time spent reading and decoding the file
 * @param timings time spent in the detector
 * @param work arithmetic of the net
 */
record PhotoResult(Photos.Photo photo, int width, int height, List<Detection> detections, double decodeMillis,
        Timings timings, Work work) {

    /**
     * Prints the table for people.
     *
     * @param kernels which kernels computed the net
     */
    void print(PrintWriter out, String kernels) {
        out.println(photo.path() + "  " + width + "x" + height);
        if (!detections.isEmpty()) {
            TextTable table = new TextTable("  ", "label", ">score", ">x", ">y", ">width", ">height");
            for (Detection d : detections) {
                Box box = d.box();
                table.row(d.label(), String.format(Locale.ROOT, "%.3f", d.score()), pixels(box.x()), pixels(box.y()),
                        pixels(box.width()), pixels(box.height()));
            }
            table.print(out);
        }
        out.println("  " + (detections.isEmpty() ? "nothing found" : Lines.plural(detections.size(), "object"))
                + ". Milliseconds: decode " + Lines.millis(decodeMillis) + ", preprocess "
                + Lines.millis(timings.preprocessMillis()) + ", net " + Lines.millis(timings.netMillis()) + " ("
                + kernels + "), head "
                + Lines.millis(timings.headMillis()));
        if (work.activeShare() < 1 || work.executedMacs() != work.denseMacs()) {
            out.println(
                    String.format(Locale.ROOT, "  %.1f %% of the photo looked at, %.1f %% of the net's MACs executed",
                            100 * work.activeShare(), 100 * work.executedShare()));
        }
        out.flush();
    }

    private static String pixels(float value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
