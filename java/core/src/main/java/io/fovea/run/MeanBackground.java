package io.fovea.run;

import io.fovea.sites.Background;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/** One row per value that all its inactive sites share: calibrated means, or zeros. Immutable, thread-safe. */
public final class MeanBackground implements Background {
    private final String name;
    private final Map<String, MemorySegment> edges = new HashMap<>();

    /**
     * Makes a background.
     *
     * @param name name for people
     * @param means one row of channels by name of the value
     */
    public MeanBackground(String name, Map<String, float[]> means) {
        this.name = name;
        Arena arena = Arena.ofAuto();
        means.forEach((value, row) -> {
            MemorySegment edge = arena.allocate(8L * row.length + 64, 64);
            MemorySegment.copy(row, 0, edge, ValueLayout.JAVA_FLOAT, 4L * row.length, row.length);
            edges.put(value, edge);
        });
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean perSite() {
        return false;
    }

    @Override
    public MemorySegment edgeRows(String value) {
        MemorySegment edge = edges.get(value);
        if (edge == null) {
            throw new IllegalArgumentException("background '" + name + "' has nothing for '" + value + "'");
        }
        return edge;
    }
}
