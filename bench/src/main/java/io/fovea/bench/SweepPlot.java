package io.fovea.bench;

import io.fovea.gate.MotionSettings;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Agreement against executed MACs: a line per dilation over thresholds, and one over key periods. */
final class SweepPlot {
    /** Okabe and Ito's colours, which most people can tell apart. */
    private static final Color[] COLORS = {new Color(0x56b4e9), new Color(0x0072b2), new Color(0x009e73),
            new Color(0xe69f00), new Color(0x000000)};

    private SweepPlot() {
    }

    static void write(List<VideoSweep.Point> points, Path file) throws IOException {
        Map<String, List<VideoSweep.Point>> lines = new LinkedHashMap<>();
        int usual = MotionSettings.DEFAULT.keyEvery();
        for (VideoSweep.Point p : points) {
            MotionSettings s = p.settings();
            String name = s.keyEvery() == usual
                    ? "dilation " + s.dilation() + ", thresholds 8 to 32"
                    : "default threshold and dilation, key frame every 5 to 120 and never";
            lines.computeIfAbsent(name, n -> new ArrayList<>()).add(p);
        }
        XYChart chart = new XYChartBuilder().width(900).height(680).title("Fixed cameras: agreement and cost")
                .xAxisTitle("executed MACs / dense MACs, mean of the clips").yAxisTitle("F1 against the dense detector")
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideS).setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setXAxisMin(0.0).setYAxisMax(1.0);
        int drawn = 0;
        for (Map.Entry<String, List<VideoSweep.Point>> line : lines.entrySet()) {
            line.getValue().sort(Comparator.comparingDouble(VideoSweep.Point::executed));
            Color color = COLORS[drawn++ % COLORS.length];
            chart.addSeries(line.getKey(), line.getValue().stream().mapToDouble(VideoSweep.Point::executed).toArray(),
                    line.getValue().stream().mapToDouble(VideoSweep.Point::f1).toArray())
                    .setMarker(SeriesMarkers.CIRCLE).setMarkerColor(color).setLineColor(color);
        }
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    }
}
