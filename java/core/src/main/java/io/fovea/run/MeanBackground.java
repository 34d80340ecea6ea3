package io.fovea.run;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/** One row per value that all its inactive sites share: calibrated means, or zeros. Immutable, thread-safe. */
public final class MeanBackground extends StoredBackground {
    /**
     * Makes a background.
     *
     * @param name name for people
     * @param means one row of channels by name of the value
     */
    public MeanBackground(String name, Map<String, float[]> means) {
        super(name, edges(means));
    }

    private static Map<String, MemorySegment> edges(Map<String, float[]> means) {
        Arena arena = Arena.ofAuto();
        Map<String, MemorySegment> edges = new HashMap<>();
        means.forEach((value, row) -> {
            MemorySegment edge = arena.allocate(8L * row.length + 64, 64);
            MemorySegment.copy(row, 0, edge, ValueLayout.JAVA_FLOAT, 4L * row.length, row.length);
            edges.put(value, edge);
        });
        return edges;
    }

    @Override
    public boolean perSite() {
        return false;
    }

}
