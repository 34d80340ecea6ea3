package io.fovea.train.gate;

/**
 * The cells of a mask over a detector's input.
 *
 * @param inputHeight height of the input, pixels
 * @param inputWidth width of the input, pixels
 * @param cell size of a cell, pixels; the last row and column may hang over
 */
record CellGrid(int inputHeight, int inputWidth, int cell) {

    int rows() {
        return (inputHeight + cell - 1) / cell;
    }

    int columns() {
        return (inputWidth + cell - 1) / cell;
    }

    int cells() {
        return rows() * columns();
    }

    /** Returns for each cell the largest logit within a margin of pixels, rounded up to cells: the logits of the grown mask. */
    float[] grown(float[] logits, int margin) {
        int by = (margin + cell - 1) / cell;
        float[] all = logits;
        for (boolean rowwise : new boolean[]{true, false}) {
            float[] from = all;
            all = new float[logits.length];
            for (int r = 0; r < rows(); r++) {
                for (int c = 0; c < columns(); c++) {
                    float most = Float.NEGATIVE_INFINITY;
                    for (int d = -by; d <= by; d++) {
                        int y = Math.clamp(rowwise ? r : r + d, 0, rows() - 1);
                        int x = Math.clamp(rowwise ? c + d : c, 0, columns() - 1);
                        most = Math.max(most, from[y * columns() + x]);
                    }
                    all[r * columns() + c] = most;
                }
            }
        }
        return all;
    }

    /**
     * Returns the matrix that reads a line of {@code size} values, spread over {@code input} pixels, at the centres of cells: linear between
     * half-pixel centres, clamped at the ends.
     *
     * @return {@code [cells][size]}
     */
    private float[] sampling(int cells, int size, int input) {
        float[] matrix = new float[cells * size];
        for (int i = 0; i < cells; i++) {
            double at = Math.clamp((i + .5) * cell / input * size - .5, 0, size - 1);
            int low = Math.min((int) at, size - 1);
            int high = Math.min(low + 1, size - 1);
            matrix[i * size + low] += (float) (1 - (at - low));
            matrix[i * size + high] += (float) (at - low);
        }
        return matrix;
    }

    /** Returns the matrix for the rows of a map, {@code [rows()][height]}. */
    float[] rowSampling(int height) {
        return sampling(rows(), height, inputHeight);
    }

    /** Returns the matrix for the columns of a map, {@code [columns()][width]}. */
    float[] columnSampling(int width) {
        return sampling(columns(), width, inputWidth);
    }
}
