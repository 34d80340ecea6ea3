package io.fovea.bench;

import io.fovea.graph.Shape;

/** The two orders of a feature map's values. */
public final class Layouts {
    private Layouts() {
    }

    /** Returns {@code [channels][height][width]} as {@code [height][width][channels]}. */
    public static float[] toRows(float[] nchw, Shape shape) {
        float[] rows = new float[nchw.length];
        for (int c = 0; c < shape.channels(); c++) {
            for (int site = 0; site < shape.sites(); site++) {
                rows[site * shape.channels() + c] = nchw[c * shape.sites() + site];
            }
        }
        return rows;
    }

    /** Returns {@code [height][width][channels]} as {@code [channels][height][width]}. */
    public static float[] toMaps(float[] rows, Shape shape) {
        float[] nchw = new float[rows.length];
        for (int c = 0; c < shape.channels(); c++) {
            for (int site = 0; site < shape.sites(); site++) {
                nchw[c * shape.sites() + site] = rows[site * shape.channels() + c];
            }
        }
        return nchw;
    }
}
