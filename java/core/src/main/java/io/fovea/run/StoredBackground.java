package io.fovea.run;

import io.fovea.sites.Background;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/** A background whose edge rows are held in memory, by name of the value. */
abstract class StoredBackground implements Background {
    private final String name;
    private final Map<String, MemorySegment> edges;

    StoredBackground(String name, Map<String, MemorySegment> edges) {
        this.name = name;
        this.edges = Map.copyOf(edges);
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final MemorySegment edgeRows(String value) {
        MemorySegment edge = edges.get(value);
        if (edge == null) {
            throw new IllegalArgumentException("background '" + name + "' has nothing for '" + value + "'");
        }
        return edge;
    }
}
