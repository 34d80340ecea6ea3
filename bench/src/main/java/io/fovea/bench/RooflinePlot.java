package io.fovea.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The roofline as a picture: GMAC/s over MACs per byte, both logarithmic. */
final class RooflinePlot {
    private static final double[] SHARES = {0.05, 0.02, 0};
    private static final String[] NAMES = {"steps of 5 % of the time or more", "2 to 5 %", "below 2 %"};
    private static final int MARKER = 9;

    private RooflinePlot() {
    }

    static void write(List<RooflineCommand.Point> points, double peak, double bandwidth, String machine, Path file)
            throws IOException {
        XYChart chart = new XYChartBuilder().width(1100).height(700).title("Roofline, one thread: " + machine)
                .xAxisTitle("MACs per byte that must move").yAxisTitle("GMAC/s").build();
        chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(LegendPosition.InsideSE);
        double least = points.stream().mapToDouble(RooflineCommand.Point::intensity).min().orElse(0.1);
        double most = points.stream().mapToDouble(RooflineCommand.Point::intensity).max().orElse(100);
        double knee = peak / bandwidth;
        chart.addSeries(String.format(Locale.ROOT, "roof: %.1f GB/s, %.1f GMAC/s", bandwidth, peak),
                new double[]{Math.min(least, knee) / 1.5, knee, Math.max(most, knee) * 1.5},
                new double[]{Math.min(least, knee) / 1.5 * bandwidth, peak, peak}).setMarker(SeriesMarkers.NONE);
        double total = points.stream().mapToDouble(RooflineCommand.Point::micros).sum();
        double upper = Double.MAX_VALUE;
        for (int g = 0; g < SHARES.length; g++) {
            double low = SHARES[g] * total;
            double high = upper;
            List<RooflineCommand.Point> group = points.stream().filter(p -> p.micros() >= low && p.micros() < high)
                    .toList();
            upper = low;
            if (!group.isEmpty()) {
                var series = chart.addSeries(NAMES[g],
                        group.stream().mapToDouble(RooflineCommand.Point::intensity).toArray(),
                        group.stream().mapToDouble(RooflineCommand.Point::gmacs).toArray());
                series.setLineStyle(org.knowm.xchart.style.lines.SeriesLines.NONE);
                series.setMarker(SeriesMarkers.CIRCLE);
                chart.getStyler().setMarkerSize(MARKER);
            }
        }
        if (file.toAbsolutePath().getParent() != null) {
            Files.createDirectories(file.toAbsolutePath().getParent());
        }
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
    }
}
