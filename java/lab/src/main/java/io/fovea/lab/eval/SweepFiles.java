package io.fovea.lab.eval;

import io.fovea.lab.eval.GateSweep.Point;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A sweep as a table of numbers and as a plot. */
public final class SweepFiles {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 560;

    private SweepFiles() {
    }

    /** Returns one line per point, with a heading; what was not measured is empty. */
    public static String csv(List<Point> points) {
        StringBuilder text = new StringBuilder("way,ap,ap50,agreementF1,agreementRecall,agreementPrecision,activeShare,"
                + "denseMacs,executedMacs,gateMacs,nonZeroMacs,executedShare,gateMillis,netMillis,headMillis,"
                + "totalMillis,peerMillis\n");
        for (Point p : points) {
            text.append('"').append(p.name().replace("\"", "\"\"")).append('"');
            field(text, p.figures() == null ? Double.NaN : p.figures().ap());
            field(text, p.figures() == null ? Double.NaN : p.figures().ap50());
            field(text, p.agreement().f1());
            field(text, p.agreement().recall());
            field(text, p.agreement().precision());
            field(text, p.activeShare());
            field(text, p.macs().dense());
            field(text, p.macs().executed());
            field(text, p.macs().gate());
            field(text, p.macs().nonZero());
            field(text, p.executedShare());
            GateSweep.Millis m = p.millis();
            for (double millis : m == null
                    ? new double[]{Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN}
                    : new double[]{m.gate(), m.net(), m.head(), m.total(), m.peer()}) {
                field(text, millis);
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static void field(StringBuilder text, double value) {
        text.append(',');
        if (!Double.isNaN(value)) {
            text.append(value == Math.rint(value) && Math.abs(value) < 1e15
                    ? Long.toString((long) value)
                    : String.format(Locale.ROOT, "%.6f", value));
        }
    }

    /**
     * Writes a PNG: accuracy (AP where objects are known, else agreement F1) against executed MACs, and against time where that was
     * measured. The dense run is a point of its own.
     *
     * @param points the dense run first
     */
    public static void plot(List<Point> points, String title, Path png) throws IOException {
        List<XYChart> charts = new ArrayList<>();
        charts.add(chart(points, title, "executed MACs, gate included (share of dense)", Point::executedShare, null));
        if (points.getFirst().millis() != null) {
            double peer = points.getFirst().millis().peer();
            charts.add(chart(points, title, "milliseconds per photo: gate, net and head",
                    p -> p.millis().gate() + p.millis().net() + p.millis().head(), Double.isNaN(peer) ? null : peer));
        }
        BitmapEncoder.saveBitmap(charts, 1, charts.size(), png.toString(), BitmapEncoder.BitmapFormat.PNG);
    }

    private static XYChart chart(List<Point> points, String title, String axis, ToDoubleFunction<Point> cost,
            Double peer) {
        boolean objects = points.getFirst().figures() != null;
        ToDoubleFunction<Point> good = p -> objects ? p.figures().ap() : p.agreement().f1();
        XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).title(title).xAxisTitle(axis)
                .yAxisTitle(objects ? "AP" : "agreement with the dense run, F1").build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideSE);
        chart.getStyler().setXAxisMin(0.0);
        List<Point> gated = points.subList(1, points.size()).stream()
                .sorted((a, b) -> Double.compare(cost.applyAsDouble(a), cost.applyAsDouble(b))).toList();
        if (!gated.isEmpty()) {
            chart.addSeries("gated", gated.stream().mapToDouble(cost).toArray(),
                    gated.stream().mapToDouble(good).toArray()).setMarker(SeriesMarkers.CIRCLE);
        }
        double dense = good.applyAsDouble(points.getFirst());
        chart.addSeries("dense", new double[]{cost.applyAsDouble(points.getFirst())}, new double[]{dense})
                .setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
        if (peer != null) {
            chart.addSeries("the other engine, net alone", new double[]{peer}, new double[]{dense})
                    .setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
        }
        return chart;
    }
}
