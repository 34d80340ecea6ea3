package io.fovea.lab.eval;

import java.io.IOException;
import java.nio.file.Path;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws precision over recall. */
public final class PrecisionPlot {
    private PrecisionPlot() {
    }

    /** Writes a PNG with the curves at IoU .50, .75, .90 and the mean over all thresholds. */
    public static void write(CocoResult result, String title, Path png) throws IOException {
        XYChart chart = new XYChartBuilder().width(900).height(640).title(title).xAxisTitle("recall")
                .yAxisTitle("precision (mean over categories)").build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE);
        chart.getStyler().setYAxisMin(0.0).setYAxisMax(1.0).setXAxisMin(0.0).setXAxisMax(1.0);
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Line);
        double[][] p = result.precision();
        double[] mean = new double[CocoParams.RECALL.length];
        for (double[] one : p) {
            for (int r = 0; r < mean.length; r++) {
                mean[r] += one[r] / p.length;
            }
        }
        line(chart, "IoU .50", p[0]);
        line(chart, "IoU .75", p[5]);
        line(chart, "IoU .90", p[8]);
        line(chart, "IoU .50:.95", mean);
        BitmapEncoder.saveBitmap(chart, png.toString(), BitmapEncoder.BitmapFormat.PNG);
    }

    private static void line(XYChart chart, String name, double[] precision) {
        chart.addSeries(name, CocoParams.RECALL, precision).setMarker(SeriesMarkers.NONE);
    }
}
