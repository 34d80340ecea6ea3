package io.fovea.run;

import io.fovea.plan.Plan;
import java.lang.foreign.MemorySegment;

/**
 * Where the values of a run lie in the buffer of a workspace. For several threads a plan puts the middles of values that take turns at
 * the same address; under a mask values are shorter, and begin so much later that this stays nearly so. Belongs to one workspace.
 */
final class ValuePlaces {
    private static final int PLACES = 16;
    private static final int LINE = 64;
    private final Plan plan;
    /** By value, from the place of all rows to that of hardly any; null for a value without memory. */
    private final MemorySegment[][] places;
    private final MemorySegment[] now;

    /**
     * Places the values for all rows.
     *
     * @param buffer of the plan's size
     * @param moves whether values move when they are shorter; the input never does
     */
    ValuePlaces(Plan plan, MemorySegment buffer, boolean moves) {
        this.plan = plan;
        int count = plan.values().size();
        places = new MemorySegment[count][];
        now = new MemorySegment[count];
        for (int v = 0; v < count; v++) {
            Plan.Value value = plan.values().get(v);
            if (value.offset() >= 0) {
                long bytes = 4L * value.shape().values();
                places[v] = new MemorySegment[moves && v > 0 ? PLACES : 1];
                for (int p = 0; p < places[v].length; p++) {
                    // At most half of the room that is left over: what moves a value stays a whole number of lines.
                    long shift = bytes * p / (2 * PLACES) / LINE * LINE;
                    places[v][p] = buffer.asSlice(value.offset() + shift, bytes - shift, LINE);
                }
                now[v] = places[v][0];
            }
        }
    }

    /** Places the values for the rows of a state. */
    void place(SiteState state) {
        for (int v = 0; v < now.length; v++) {
            if (places[v] != null && places[v].length > 1) {
                Plan.Value value = plan.values().get(v);
                int sites = value.shape().sites();
                int missing = sites - Math.min(sites, state.rows(value.domain()));
                now[v] = places[v][Math.min(PLACES - 1, (int) ((long) PLACES * missing / sites))];
            }
        }
    }

    /** Returns the rows of a value; null for one without memory, or of a negative number. */
    MemorySegment of(int value) {
        return value < 0 ? null : now[value];
    }

    /** Returns the rows of all values; read-only, and changed by {@link #place}. */
    MemorySegment[] all() {
        return now;
    }
}
