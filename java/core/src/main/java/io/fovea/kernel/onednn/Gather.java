package io.fovea.kernel.onednn;

import io.fovea.kernel.Operands;
import io.fovea.sites.NeighbourTable;
import java.lang.foreign.MemorySegment;

/**
 * Copies the input rows that output rows read, wherever the table finds them. Entries that follow each other name rows that lie behind
 * each other, so a run of them is one copy.
 */
final class Gather {
    private final Operands o;
    private final NeighbourTable table;
    private final MemorySegment to;
    private final long rowBytes;
    private int first;
    private int length;
    private long at;

    private Gather(Operands o, int channels, MemorySegment to) {
        this.o = o;
        this.table = o.table;
        this.to = to;
        this.rowBytes = 4L * channels;
    }

    /** Fills {@code to} with {@code [rows][taps][channels]}. */
    static void byRow(Operands o, int row, int rows, int channels, MemorySegment to) {
        int taps = o.table.reach().taps();
        Gather gather = new Gather(o, channels, to);
        for (int r = row; r < row + rows; r++) {
            for (int t = 0; t < taps; t++) {
                gather.add(gather.table.entry(r, t));
            }
        }
        gather.flush();
    }

    /** Fills {@code to} with {@code [taps][block][channels]}, of which the first {@code rows} of each block are written. */
    static void byTap(Operands o, int row, int rows, int block, int channels, MemorySegment to) {
        int taps = o.table.reach().taps();
        Gather gather = new Gather(o, channels, to);
        for (int t = 0; t < taps; t++) {
            gather.at = gather.rowBytes * block * t;
            for (int r = row; r < row + rows; r++) {
                gather.add(gather.table.entry(r, t));
            }
            gather.flush();
        }
    }

    private void add(int entry) {
        if (length > 0 && entry == first + length && entry != o.inRows) {
            length++;
            return;
        }
        flush();
        first = entry;
        length = 1;
    }

    private void flush() {
        if (length > 0) {
            boolean active = first < o.inRows;
            long bytes = length * rowBytes;
            MemorySegment.copy(active ? o.in : o.edge, rowBytes * (active ? first : first - o.inRows), to, at, bytes);
            at += bytes;
            length = 0;
        }
    }
}
