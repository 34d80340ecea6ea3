package io.fovea.lab.prune;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.FeatureMap;
import java.awt.Color;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Writes a Pareto front as a table, as JSON with every anchor, and as a plot. */
public final class FrontFiles {
    private FrontFiles() {
    }

    /** Returns the front as CSV, one member a line, best average precision first. */
    public static String csv(PruneReport r) {
        StringBuilder text = new StringBuilder("shapes,perLevel,boxes,headMacs,headMacsShare,apSearch,apReport,"
                + "headMillis,decodeMillis,nmsMillis,netMillis,kept\n");
        for (FrontMember m : r.front()) {
            Score s = m.candidate().score();
            AnchorSet kept = m.candidate().kept();
            HeadTimer.Times t = m.times();
            text.append(String.format(Locale.ROOT, "%d,%s,%d,%d,%.4f,%.5f,%.5f,%s,%s,%s,%s,%s%n", kept.size(),
                    join("-", r.cost().perLevel(kept)), s.boxes(), s.macs(), 1 - r.macsSaved(m), s.ap(), m.reportAp(),
                    millis(t == null ? null : t.head()), millis(t == null ? null : t.decode()),
                    millis(t == null ? null : t.nms()), millis(t == null ? null : t.net()),
                    join(" ", kept.members())));
        }
        return text.toString();
    }

    private static String millis(Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%.4f", value);
    }

    private static String join(String with, int[] values) {
        return String.join(with, java.util.Arrays.stream(values).mapToObj(Integer::toString).toList());
    }

    /** Returns the whole report as JSON. */
    public static String json(PruneReport r, DetectorSpec spec) {
        StringWriter text = new StringWriter();
        try (JsonGenerator j = new JsonFactory().createGenerator(text)) {
            j.setPrettyPrinter(new DefaultPrettyPrinter());
            j.writeStartObject();
            j.writeStringField("model", r.model());
            j.writeNumberField("searchPhotos", r.searchPhotos());
            j.writeNumberField("reportPhotos", r.reportPhotos());
            j.writeNumberField("setsJudged", r.evaluated());
            j.writeNumberField("seconds", r.seconds());
            j.writeNumberField("netMacs", r.netMacs());
            j.writeNumberField("chosenNetMacs", r.chosenNetMacs());
            j.writeObjectFieldStart("gainOnReport");
            j.writeNumberField("ap", r.gain());
            j.writeNumberField("low", r.gainLow());
            j.writeNumberField("high", r.gainHigh());
            j.writeEndObject();
            j.writeFieldName("base");
            member(j, r, r.base(), spec);
            j.writeFieldName("chosen");
            member(j, r, r.chosen(), spec);
            j.writeArrayFieldStart("front");
            for (FrontMember m : r.front()) {
                member(j, r, m, spec);
            }
            j.writeEndArray();
            j.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }

    private static void member(JsonGenerator j, PruneReport r, FrontMember m, DetectorSpec spec) throws IOException {
        Score s = m.candidate().score();
        j.writeStartObject();
        j.writeNumberField("shapes", m.candidate().kept().size());
        j.writeNumberField("boxes", s.boxes());
        j.writeNumberField("headMacs", s.macs());
        j.writeNumberField("apSearch", s.ap());
        j.writeNumberField("apReport", m.reportAp());
        if (m.times() != null) {
            j.writeObjectFieldStart("millis");
            j.writeNumberField("head", m.times().head());
            j.writeNumberField("decode", m.times().decode());
            j.writeNumberField("nms", m.times().nms());
            j.writeNumberField("net", m.times().net());
            j.writeEndObject();
        }
        j.writeArrayFieldStart("levels");
        int id = 0;
        for (FeatureMap map : spec.featureMaps()) {
            j.writeStartArray();
            for (Anchor a : map.anchors()) {
                if (m.candidate().kept().contains(id++)) {
                    j.writeStartObject();
                    j.writeNumberField("shape", id - 1);
                    j.writeNumberField("width", a.width());
                    j.writeNumberField("height", a.height());
                    j.writeEndObject();
                }
            }
            j.writeEndArray();
        }
        j.writeEndArray();
        j.writeEndObject();
    }

    /** Writes front.csv, front.json and front.png into a folder. */
    public static void write(PruneReport r, DetectorSpec spec, Path folder) throws IOException {
        Files.writeString(folder.resolve("front.csv"), csv(r));
        Files.writeString(folder.resolve("front.json"), json(r, spec) + "\n");
        XYChart chart = new XYChartBuilder().width(900).height(640).title("Anchor sets of " + r.model())
                .xAxisTitle("head multiply-accumulates, share of the whole head").yAxisTitle("AP").build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideSE);
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
        chart.getStyler().setMarkerSize(6);
        List<FrontMember> front = r.front();
        double[] x = front.stream().mapToDouble(m -> 1 - r.macsSaved(m)).toArray();
        chart.addSeries("search photos", x, front.stream().mapToDouble(m -> m.candidate().score().ap()).toArray())
                .setMarker(SeriesMarkers.CIRCLE);
        chart.addSeries("report photos", x, front.stream().mapToDouble(FrontMember::reportAp).toArray())
                .setMarker(SeriesMarkers.DIAMOND);
        chart.addSeries("chosen (report)", new double[]{1 - r.macsSaved(r.chosen())},
                new double[]{r.chosen().reportAp()}).setMarker(SeriesMarkers.CROSS).setMarkerColor(Color.RED);
        chart.addSeries("as it was (report)", new double[]{1}, new double[]{r.base().reportAp()})
                .setMarker(SeriesMarkers.SQUARE).setMarkerColor(Color.BLACK);
        BitmapEncoder.saveBitmap(chart, folder.resolve("front.png").toString(), BitmapEncoder.BitmapFormat.PNG);
    }
}
