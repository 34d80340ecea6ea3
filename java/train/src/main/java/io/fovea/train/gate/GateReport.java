package io.fovea.train.gate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fovea.image.Image;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The report of a training: a page with plots and sample masks, and the figures as JSON. Stateless. */
public final class GateReport {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int SAMPLES = 8;
    private static final int SAMPLE_WIDTH = 320;

    private GateReport() {
    }

    /**
     * Writes {@code index.html}, {@code report.json} and pictures.
     *
     * @param folder made if it does not exist
     * @param facts about the training, for people
     * @throws IOException if something cannot be written
     */
    public static void write(Path folder, GateResult result, Map<String, String> facts) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("report.json"),
                MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json(result, facts)) + "\n");
        BitmapEncoder.saveBitmap(losses(result), folder.resolve("loss.png").toString(),
                BitmapEncoder.BitmapFormat.PNG);
        BitmapEncoder.saveBitmap(recall(result), folder.resolve("recall.png").toString(),
                BitmapEncoder.BitmapFormat.PNG);
        int samples = Math.min(SAMPLES, result.heldOut.size());
        for (int i = 0; i < samples; i++) {
            ImageIO.write(sample(result, i), "png", folder.resolve("mask" + i + ".png").toFile());
        }
        Files.writeString(folder.resolve("index.html"), page(result, facts, samples));
    }

    /** Returns the figures. */
    public static ObjectNode json(GateResult result, Map<String, String> facts) {
        ObjectNode o = MAPPER.createObjectNode();
        facts.forEach(o::put);
        o.put("trainingPhotos", result.trainingPhotos).put("heldOutPhotos", result.heldOut.size())
                .put("seconds", Math.round(result.seconds)).put("threshold", result.threshold())
                .put("recall", result.recall()).put("share", result.share())
                .put("trunkMacs", result.trunk.macs()).put("headMacs", result.macs() - result.trunk.macs());
        ArrayNode passes = o.putArray("passes");
        result.losses.forEach(l -> passes.addObject().put("loss", l[0]).put("heldOutLoss", l[1]));
        sizes(o.putArray("recallOfDetectionsBySize"), result.sizes(Mark.Kind.FOUND));
        sizes(o.putArray("recallOfObjectsBySize"), result.sizes(Mark.Kind.TRUTH));
        ArrayNode curve = o.putArray("curve");
        result.curve(result.settings.rule()::marks).forEach(p -> curve.addObject().put("threshold", p.threshold())
                .put("recall", p.recall()).put("share", p.share()));
        return o;
    }

    private static void sizes(ArrayNode to, List<GateResult.Size> sizes) {
        sizes.forEach(s -> to.addObject().put("size", s.name()).put("count", s.marks()).put("recall", s.recall()));
    }

    private static XYChart losses(GateResult result) {
        XYChart chart = chart("Loss", "pass", "weighted cross-entropy per cell");
        double[] x = new double[result.losses.size()];
        double[] training = new double[x.length];
        double[] heldOut = new double[x.length];
        for (int e = 0; e < x.length; e++) {
            x[e] = e + 1;
            training[e] = result.losses.get(e)[0];
            heldOut[e] = result.losses.get(e)[1];
        }
        if (x.length > 0) {
            chart.addSeries("learnt from", x, training).setMarker(SeriesMarkers.NONE);
            chart.addSeries("held out (averaged weights)", x, heldOut).setMarker(SeriesMarkers.NONE);
        }
        return chart;
    }

    private static XYChart recall(GateResult result) {
        XYChart chart = chart("Recall against active share, held-out photos", "share of cells in the mask",
                "share of marks covered");
        curve(chart, "all marks", result.curve(result.settings.rule()::marks));
        float sure = result.settings.rule().sure();
        curve(chart, "detections from " + sure, result.curve(m -> m.kind() == Mark.Kind.FOUND && m.score() >= sure));
        chart.addSeries("threshold", new double[]{result.share()}, new double[]{result.recall()})
                .setMarker(SeriesMarkers.DIAMOND);
        return chart;
    }

    private static void curve(XYChart chart, String name, List<GateResult.Point> points) {
        chart.addSeries(name, points.stream().mapToDouble(GateResult.Point::share).toArray(),
                points.stream().mapToDouble(GateResult.Point::recall).toArray()).setMarker(SeriesMarkers.NONE);
    }

    private static XYChart chart(String title, String x, String y) {
        return new XYChartBuilder().width(720).height(420).title(title).xAxisTitle(x).yAxisTitle(y).build();
    }

    /** Draws a held-out photo with its background darkened and its marks framed. */
    private static BufferedImage sample(GateResult result, int index) {
        GateSample sample = result.heldOut.get(index);
        Image photo = Image.read(sample.file());
        int height = Math.max(1, Math.round((float) SAMPLE_WIDTH * photo.height() / photo.width()));
        BufferedImage canvas = new BufferedImage(SAMPLE_WIDTH, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = canvas.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        g.drawImage(photo.toBufferedImage(), 0, 0, SAMPLE_WIDTH, height, null);
        CellGrid grid = result.grid;
        double sx = (double) SAMPLE_WIDTH / grid.inputWidth();
        double sy = (double) height / grid.inputHeight();
        g.setColor(new Color(0, 0, 0, 170));
        float[] logits = result.logits.get(index);
        for (int r = 0; r < grid.rows(); r++) {
            for (int c = 0; c < grid.columns(); c++) {
                if (!(logits[r * grid.columns() + c] > result.threshold())) {
                    int left = (int) (c * grid.cell() * sx);
                    int top = (int) (r * grid.cell() * sy);
                    g.fillRect(left, top, (int) ((c + 1) * grid.cell() * sx) - left,
                            (int) ((r + 1) * grid.cell() * sy) - top);
                }
            }
        }
        for (Mark m : sample.marks()) {
            if (result.settings.rule().marks(m)) {
                g.setColor(m.kind() == Mark.Kind.TRUTH ? Color.CYAN : Color.YELLOW);
                g.drawRect((int) (m.left() * sx), (int) (m.top() * sy), (int) ((m.right() - m.left()) * sx),
                        (int) ((m.bottom() - m.top()) * sy));
            }
        }
        g.dispose();
        return canvas;
    }

    private static String page(GateResult result, Map<String, String> facts, int samples) {
        StringBuilder page = new StringBuilder(
                "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Gate of ")
                .append(escape(result.model.spec().name())).append("</title>\n<style>body{font:15px sans-serif;")
                .append("max-width:1100px;margin:2em auto}td,th{padding:.2em .8em;text-align:left}</style>\n<h1>Gate of ")
                .append(escape(result.model.spec().name())).append("</h1>\n<table>\n");
        facts.forEach((key, value) -> row(page, key, value));
        row(page, "photos", result.trainingPhotos + " learnt from, " + result.heldOut.size() + " held out");
        row(page, "threshold", String.format(Locale.ROOT, "%.3f: %.1f %% of the held-out marks are covered by %.1f %% "
                + "of the cells", result.threshold(), 100 * result.recall(), 100 * result.share()));
        row(page, "arithmetic", String.format(Locale.ROOT, "%.2f M MACs: small run %.2f M, head %.2f M",
                result.macs() / 1e6, result.trunk.macs() / 1e6, (result.macs() - result.trunk.macs()) / 1e6));
        page.append(
                "</table>\n<p>A mark is covered when at least 95 % of its area lies inside the grown mask. Sizes are ")
                .append("COCO's, as if photos were 640 pixels wide.</p>\n<table><tr><th>size<th>detections<th>covered")
                .append("<th>annotated objects<th>covered</tr>\n");
        List<GateResult.Size> found = result.sizes(Mark.Kind.FOUND);
        List<GateResult.Size> truth = result.sizes(Mark.Kind.TRUTH);
        for (int i = 0; i < found.size(); i++) {
            page.append(String.format(Locale.ROOT, "<tr><td>%s<td>%d<td>%s<td>%d<td>%s</tr>%n", found.get(i).name(),
                    found.get(i).marks(), percent(found.get(i)), truth.get(i).marks(), percent(truth.get(i))));
        }
        page.append("</table>\n<p><img src=\"loss.png\" alt=\"loss\"><br><img src=\"recall.png\" alt=\"recall\"></p>\n")
                .append("<p>Held-out photos: what the mask leaves out is dark; detections yellow, annotated objects cyan.</p>\n");
        for (int i = 0; i < samples; i++) {
            page.append("<img src=\"mask").append(i).append(".png\" alt=\"mask ").append(i).append("\">\n");
        }
        return page.append("</html>\n").toString();
    }

    private static String percent(GateResult.Size size) {
        return size.marks() == 0 ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * size.recall());
    }

    private static void row(StringBuilder page, String key, String value) {
        page.append("<tr><th>").append(escape(key)).append("<td>").append(escape(value)).append("</tr>\n");
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
