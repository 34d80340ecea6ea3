package io.fovea.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
    /** Okabe and Ito's colours, which most people can tell apart. */
    private static final Color[] COLORS = {new Color(0x0072b2), new Color(0xe69f00), new Color(0x009e73),
            new Color(0xcc79a7), new Color(0x56b4e9), new Color(0x000000)};

    private CurvePlot() {
    }

    static void write(List<Row> rows, Path file) throws IOException {
        Row first = rows.get(0);
        boolean oneModel = rows.stream().map(Row::model).distinct().count() == 1;
        XYChart chart = new XYChartBuilder().width(900).height(780)
                .title(oneModel ? first.model() + ": time against active share" : "Time against active share")
                .xAxisTitle("share of active mask cells").yAxisTitle("median time / own dense median").build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideS).setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.0).setYAxisMin(0.0);
        line(chart, "y = x", new double[]{0, 1}, new double[]{0, 1});
        line(chart, "own dense run", new double[]{0, 1}, new double[]{1, 1});
        Map<String, List<Row>> curves = rows.stream().filter(row -> row.mask() != null)
                .sorted(Comparator.comparingDouble(Row::active))
                .collect(Collectors.groupingBy(
                        row -> (oneModel ? "" : row.model() + ", ") + row.tier() + ", " + row.threads() + " thread"
                                + (row.threads() == 1 ? "" : "s") + ", " + row.mask(),
                        LinkedHashMap::new, Collectors.toList()));
        List<Double> breakEven = new ArrayList<>();
        int[] drawn = {0};
        curves.forEach((name, points) -> {
            Row dense = rows.stream().filter(row -> row.mask() == null && row.engine().equals(FoveaEngine.NAME)
                    && row.model().equals(points.get(0).model()) && row.tier().equals(points.get(0).tier())
                    && row.threads() == points.get(0).threads()).findFirst().orElseThrow();
            double[] x = points.stream().mapToDouble(Row::active).toArray();
            double[] y = points.stream().mapToDouble(row -> row.medianMillis() / dense.medianMillis()).toArray();
            double at = crossing(x, y);
            String legend = Double.isNaN(at) ? name : String.format(Locale.ROOT, "%s, break-even at %.2f", name, at);
            Color color = COLORS[drawn[0]++ % COLORS.length];
            XYSeries curve = chart.addSeries(legend, x, y);
            curve.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(color).setLineColor(color);
            if (!Double.isNaN(at)) {
                breakEven.add(at);
            }
        });
        if (!breakEven.isEmpty()) {
            chart.addSeries("break-even", breakEven, breakEven.stream().map(x -> 1.0).toList())
                    .setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter).setMarker(SeriesMarkers.DIAMOND)
                    .setMarkerColor(Color.BLACK);
        }
        peer(chart, rows);
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    }

    /** Adds the first peer's dense time, in units of our own first dense run with as many threads. */
    private static void peer(XYChart chart, List<Row> rows) {
        Row own = rows.stream().filter(row -> row.mask() == null && row.engine().equals(FoveaEngine.NAME)).findFirst()
                .orElseThrow();
        rows.stream().filter(row -> !row.engine().equals(FoveaEngine.NAME) && row.threads() == own.threads()
                && row.model().equals(own.model())).findFirst().ifPresent(row -> {
                    double y = row.medianMillis() / own.medianMillis();
                    line(chart, row.engine() + ", dense", new double[]{0, 1}, new double[]{y, y})
                            .setLineColor(new Color(0xd55e00));
                });
    }

    private static XYSeries line(XYChart chart, String name, double[] x, double[] y) {
        XYSeries series = chart.addSeries(name, x, y);
        series.setMarker(SeriesMarkers.NONE).setLineColor(Color.GRAY)
                .setLineStyle(
                        new BasicStroke(1.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[]{6, 4}, 0));
        return series;
    }

    /** Returns the active share at which a curve first reaches the dense line; NaN when it stays below. */
    static double crossing(double[] x, double[] y) {
        for (int i = 1; i < x.length; i++) {
            if (y[i - 1] < 1 && y[i] >= 1) {
                return x[i - 1] + (1 - y[i - 1]) / (y[i] - y[i - 1]) * (x[i] - x[i - 1]);
            }
        }
        return Double.NaN;
    }
}
