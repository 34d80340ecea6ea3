package io.fovea.kernel;

/** Splits output rows into blocks of a fixed number of rows: unit u covers rows {@code u * rows} to the next block. */
public record RowUnits(int rows) {

    /** Returns the number of blocks that cover the given rows. */
    public int count(int total) {
        return (total + rows - 1) / rows;
    }

    /** Returns the first row of a unit, at most {@code total}. */
    public int start(int unit, int total) {
        return (int) Math.min((long) unit * rows, total);
    }
}
