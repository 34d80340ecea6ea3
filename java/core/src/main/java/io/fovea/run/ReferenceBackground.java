package io.fovea.run;

import io.fovea.plan.Plan;
import io.fovea.plan.Step;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The activations of a reference image, one row per site: computed once per model and image, kept only for values that a table reads, for
 * the input and for the outputs. Immutable, thread-safe; its memory goes with it.
 */
public final class ReferenceBackground extends StoredBackground implements WholeBackground {
    private final Map<String, MemorySegment> sums = new ConcurrentHashMap<>();

    private ReferenceBackground(String name, Map<String, MemorySegment> edges) {
        super(name, edges);
    }

    /**
     * Computes the background of a reference image.
     *
     * @param name name for people
     * @param session the session that will use it
     * @param fill writes the reference's input rows
     */
    public static ReferenceBackground of(String name, Session session, Consumer<MemorySegment> fill) {
        Plan wanted = session.plan();
        Set<String> kept = wanted.values().stream().filter(Plan.Value::tableRead).map(Plan.Value::name)
                .collect(Collectors.toSet());
        wanted.outputs().forEach(o -> o.parts().forEach(p -> kept.add(wanted.values().get(p.value()).name())));
        Arena arena = Arena.ofAuto();
        Map<String, MemorySegment> edges = new HashMap<>();
        try (Session whole = session.unfused(); Workspace workspace = whole.lease()) {
            fill.accept(workspace.input());
            Plan plan = whole.plan();
            keep(plan, 0, workspace.input(), edges, arena);
            workspace.run((int index, Step step, MemorySegment out) -> {
                if (kept.contains(plan.values().get(step.out()).name())) {
                    keep(plan, step.out(), out, edges, arena);
                }
            });
        }
        return new ReferenceBackground(name, edges);
    }

    private static void keep(Plan plan, int value, MemorySegment rows, Map<String, MemorySegment> edges, Arena arena) {
        Plan.Value v = plan.values().get(value);
        long row = 4L * v.shape().channels();
        MemorySegment edge = edges.computeIfAbsent(v.name(),
                n -> arena.allocate(row * (1 + v.shape().sites()) + 64, 64));
        MemorySegment.copy(rows, 0, edge, row, row * v.shape().sites());
    }

    /** The rows never change, so that they are added up once. */
    @Override
    public MemorySegment edgeSums(String value, int sites, int channels) {
        return sums.computeIfAbsent(value, v -> {
            MemorySegment rows = edgeRows(v);
            MemorySegment running = Arena.ofAuto().allocate(4L * (sites + 1) * channels, 64);
            for (int c = 0; c < channels; c++) {
                double sum = 0;
                for (int s = 1; s <= sites; s++) {
                    sum += rows.getAtIndex(ValueLayout.JAVA_FLOAT, (long) s * channels + c);
                    running.setAtIndex(ValueLayout.JAVA_FLOAT, (long) s * channels + c, (float) sum);
                }
            }
            return running;
        });
    }

    @Override
    public boolean perSite() {
        return true;
    }

    @Override
    public boolean isWhole() {
        return true;
    }
}
