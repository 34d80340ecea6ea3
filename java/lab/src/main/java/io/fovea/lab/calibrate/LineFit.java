package io.fovea.lab.calibrate;

import io.fovea.format.GateSpec.Stretch;
import io.fovea.graph.Shape;
import io.fovea.sites.EdgeLayout;
import io.fovea.sites.Periphery;
import io.fovea.sites.SiteGrid;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** Least squares of {@code y = a x + b} per channel of one value, from sums over sites. Not thread-safe. */
final class LineFit implements AutoCloseable {
    /** Channels that vary less than this share of their mean square are constants. */
    private static final double CONSTANT = 1e-9;
    private final String value;
    private final Arena arena = Arena.ofShared();
    private final SiteSet sites;
    private final MemorySegment small;
    private final float[] x;
    private final float[] y;
    private final double[] sumX;
    private final double[] sumY;
    private final double[] sumXx;
    private final double[] sumXy;
    private final double[] sumYy;
    private long count;

    LineFit(String value, Shape shape) {
        this.value = value;
        sites = new SiteSet(SiteGrid.of(shape.height(), shape.width(), List.of()), EdgeLayout.RING, arena);
        boolean[] all = new boolean[shape.sites()];
        Arrays.fill(all, true);
        sites.setRing(all);
        int channels = shape.channels();
        small = arena.allocate(4L * channels * (1 + shape.sites()) + 64, 64);
        x = new float[channels];
        y = new float[channels];
        sumX = new double[channels];
        sumY = new double[channels];
        sumXx = new double[channels];
        sumXy = new double[channels];
        sumYy = new double[channels];
    }

    /** Adds all sites of a photo: the small run's map, as a masked run reads it, against the whole run's. */
    void add(Periphery periphery, MemorySegment whole) {
        periphery.prepare(value, sites);
        periphery.fill(value, sites, 0, sites.ringCount(), small);
        int channels = x.length;
        for (int site = 0; site < sites.ringCount(); site++) {
            MemorySegment.copy(small, ValueLayout.JAVA_FLOAT, 4L * channels * (1 + site), x, 0, channels);
            MemorySegment.copy(whole, ValueLayout.JAVA_FLOAT, 4L * channels * site, y, 0, channels);
            for (int c = 0; c < channels; c++) {
                double from = x[c];
                double to = y[c];
                sumX[c] += from;
                sumY[c] += to;
                sumXx[c] += from * from;
                sumXy[c] += from * to;
                sumYy[c] += to * to;
            }
        }
        count += sites.ringCount();
    }

    private double varianceX(int c) {
        double variance = sumXx[c] - sumX[c] * sumX[c] / count;
        return variance > CONSTANT * sumXx[c] ? variance : 0;
    }

    private double covariance(int c) {
        return sumXy[c] - sumX[c] * sumY[c] / count;
    }

    private double slope(int c) {
        double variance = varianceX(c);
        return variance == 0 ? 0 : covariance(c) / variance;
    }

    Stretch line() {
        float[] a = new float[x.length];
        float[] b = new float[x.length];
        for (int c = 0; c < a.length; c++) {
            double slope = slope(c);
            a[c] = (float) slope;
            b[c] = (float) ((sumY[c] - slope * sumX[c]) / count);
        }
        return new Stretch(a, b);
    }

    /** Returns the share of the variance of y, over all channels, that the lines explain; 1 when nothing varies. */
    double explained() {
        double all = 0;
        double won = 0;
        for (int c = 0; c < x.length; c++) {
            all += Math.max(0, sumYy[c] - sumY[c] * sumY[c] / count);
            won += slope(c) * covariance(c);
        }
        return all == 0 ? 1 : won / all;
    }

    @Override
    public void close() {
        arena.close();
    }
}
