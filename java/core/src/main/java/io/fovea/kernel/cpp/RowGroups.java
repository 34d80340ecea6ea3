package io.fovea.kernel.cpp;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.sites.SiteSet;

/**
 * Which rows a product with fewer multiplications takes together. It depends on the sites alone, so that the same sites give the same bits whatever
 * workers there are.
 */
final class RowGroups {
    /** Rows of a group: their sums and products stay in the second-level cache. */
    private static final int ROWS = 192;
    /** Rows of two groups, so that a second worker has something to do. */
    private static final int ENOUGH_FOR_TWO = 80;
    /** With fewer rows than these the register tiles are ill filled, and the larger weights cost more than they save. */
    private static final int LEAST_ROWS = 80;
    /** The same where products are small. */
    private static final int LEAST_OF_SMALL = 96;
    private static final int LARGE = 1 << 17;
    /** Groups begin at multiples of it, so that all but the last can be halved twice. */
    private static final int UNIT = 4;

    private RowGroups() {
    }

    /** Returns whether rows are worth taking together. */
    static boolean pays(Operands o, Layer.Conv layer) {
        boolean large = (long) layer.inChannels() * layer.outChannels() >= LARGE;
        return o.outRows >= (large ? LEAST_ROWS : LEAST_OF_SMALL);
    }

    /** Returns the number of groups: one, or an even number, since workers are few. */
    static int count(Operands o) {
        int pairs = (o.outRows + ROWS) / (2 * ROWS);
        return pairs == 0 ? o.outRows < ENOUGH_FOR_TWO ? 1 : 2 : 2 * pairs;
    }

    /** Returns the first row of a group; {@code start(o, count(o))} is the number of rows. */
    static int start(Operands o, int group) {
        int groups = count(o);
        return group == groups ? o.outRows : (int) ((long) o.outRows * group / groups) / UNIT * UNIT;
    }

    /** Returns the image row with which a group begins that holds whole ones, two by two, since these share loads. */
    static int line(Operands o, int group) {
        SiteSet out = o.table.output();
        int height = out.grid().height();
        int groups = count(o);
        if (group == 0 || group == groups) {
            return group == 0 ? 0 : height;
        }
        // The nearer of the two even image rows around the wanted number of sites.
        long before = (long) o.outRows * group / groups;
        int low = 0;
        int high = (height + 1) / 2;
        while (high - low > 1) {
            int middle = (low + high) / 2;
            if (out.firstRow(2 * middle) <= before) {
                low = middle;
            } else {
                high = middle;
            }
        }
        int after = Math.min(height, 2 * high);
        return out.firstRow(after) - before < before - out.firstRow(2 * low) ? after : 2 * low;
    }
}
