package io.fovea.bench.verify;

import io.fovea.bench.Layouts;
import io.fovea.graph.Shape;
import io.fovea.plan.Plan;
import io.fovea.plan.Step;
import io.fovea.run.Session;
import io.fovea.run.Workspace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Looks for the first layer at which two runs of a net part. Values are compared by the names that they have in both. */
final class FirstDifference {
    private FirstDifference() {
    }

    /** Returns what every step of a run writes, by name, in ONNX's order. */
    static Map<String, float[]> values(Session session, float[] nchw) {
        Map<String, float[]> values = new HashMap<>();
        each(session, nchw, (step, name, shape, out) -> values.put(name, Layouts.toMaps(out, shape)));
        return values;
    }

    /**
     * Runs a net and describes the first step whose output is not the reference's.
     *
     * @param session the net
     * @param nchw its input
     * @param reference values by name, in ONNX's order; steps whose output is not among them are passed over
     * @param tolerance of the difference relative to the reference's largest absolute value
     */
    static Optional<String> find(Session session, float[] nchw, Map<String, float[]> reference, double tolerance) {
        String[] first = new String[1];
        each(session, nchw, (step, name, shape, out) -> {
            float[] wanted = reference.get(name);
            if (first[0] != null || wanted == null || wanted.length != out.length) {
                return;
            }
            double relative = Comparison.relative(Layouts.toMaps(out, shape), wanted);
            if (relative > tolerance) {
                first[0] = String.format(Locale.ROOT, "%s '%s' (%s), %s kernel: relative difference %.2e in '%s'",
                        step.layer().getClass().getSimpleName(), step.name(), shape, step.kernel().name(), relative,
                        name);
            }
        });
        return Optional.ofNullable(first[0]);
    }

    private interface Look {
        void at(Step step, String name, Shape shape, float[] rows);
    }

    private static void each(Session session, float[] nchw, Look look) {
        Plan plan = session.plan();
        Shape input = plan.graph().inputShape();
        float[] rows = Layouts.toRows(nchw, input);
        int[] last = new int[plan.values().size()];
        for (int s = 0; s < plan.steps().size(); s++) {
            last[plan.steps().get(s).out()] = s;
        }
        try (Workspace workspace = session.lease()) {
            MemorySegment.copy(rows, 0, workspace.input(), ValueLayout.JAVA_FLOAT, 0, rows.length);
            workspace.run((int index, Step step, MemorySegment out) -> {
                Plan.Value value = plan.values().get(step.out());
                if (last[step.out()] != index) {
                    return;
                }
                float[] copy = new float[value.shape().values()];
                MemorySegment.copy(out, ValueLayout.JAVA_FLOAT, 0, copy, 0, copy.length);
                look.at(step, value.name(), value.shape(), copy);
            });
        }
    }
}
