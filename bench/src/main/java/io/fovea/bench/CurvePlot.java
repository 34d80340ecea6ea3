package io.fovea.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Time of masked runs, as a share of our own dense run's, against the share of active cells. */
final class CurvePlot {
    private CurvePlot() {
    }

    static void write(List<Row> rows, Path file) throws IOException {
        Row first = rows.get(0);
        XYChart chart = new XYChartBuilder().width(900).height(640).title(first.model() + ": time against active share")
                .xAxisTitle("share of active mask cells").yAxisTitle("median time / own dense median").build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNW).setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.0).setYAxisMin(0.0);
        line(chart, "y = x", new double[]{0, 1}, new double[]{0, 1});
        line(chart, "dense", new double[]{0, 1}, new double[]{1, 1});
        Map<String, List<Row>> curves = rows.stream().filter(row -> row.mask() != null)
                .sorted(Comparator.comparingDouble(Row::active))
                .collect(Collectors.groupingBy(
                        row -> row.model() + ", " + row.tier() + ", " + row.threads() + " thread"
                                + (row.threads() == 1 ? "" : "s") + ", " + row.mask(),
                        LinkedHashMap::new, Collectors.toList()));
        curves.forEach((name, points) -> {
            double dense = rows.stream().filter(row -> row.mask() == null && row.engine().equals(FoveaEngine.NAME)
                    && row.model().equals(points.get(0).model()) && row.tier().equals(points.get(0).tier())
                    && row.threads() == points.get(0).threads()).findFirst().orElseThrow().medianMillis();
            double[] x = points.stream().mapToDouble(Row::active).toArray();
            double[] y = points.stream().mapToDouble(row -> row.medianMillis() / dense).toArray();
            chart.addSeries(name + crossing(x, y), x, y).setMarker(SeriesMarkers.CIRCLE);
        });
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    }

    private static void line(XYChart chart, String name, double[] x, double[] y) {
        XYSeries series = chart.addSeries(name, x, y);
        series.setMarker(SeriesMarkers.NONE).setLineColor(Color.GRAY)
                .setLineStyle(
                        new BasicStroke(1.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[]{6, 4}, 0));
    }

    /** Returns the active share at which a curve crosses the dense line, for its legend; empty when it stays below. */
    static String crossing(double[] x, double[] y) {
        for (int i = 1; i < x.length; i++) {
            if (y[i - 1] < 1 && y[i] >= 1) {
                double at = x[i - 1] + (1 - y[i - 1]) / (y[i] - y[i - 1]) * (x[i] - x[i - 1]);
                return String.format(java.util.Locale.ROOT, " (break-even at %.2f)", at);
            }
        }
        return "";
    }
}
