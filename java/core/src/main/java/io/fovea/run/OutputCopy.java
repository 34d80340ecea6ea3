package io.fovea.run;

import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.plan.Plan;
import io.fovea.sites.Background;
import io.fovea.sites.SiteSet;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Brings packed rows of an output back into ONNX order. */
final class OutputCopy {
    private OutputCopy() {
    }

    /**
     * Returns a copy of a whole output: rows {@code [N, width]} for joined head rows, NCHW for a feature map. Inactive sites read as the
     * reference's where that is the whole background, and as zeros otherwise.
     *
     * @param sites the present sites
     * @param values packed rows of all values
     * @param background what the run had as background, or null
     */
    static float[] of(Plan plan, Plan.Output output, SiteState sites, MemorySegment[] values, Background background) {
        float[] result = new float[output.shape().values()];
        Node writer = plan.graph().writer(output.name());
        boolean map = writer == null || !(writer.op() instanceof Op.HeadRows || writer.op() instanceof Op.JoinRows);
        for (Plan.Part part : output.parts()) {
            Plan.Value value = plan.values().get(part.value());
            SiteSet set = sites.set(value.domain());
            int length = part.rowsPerSite() * output.width();
            Shape shape = value.shape();
            MemorySegment reference = background instanceof WholeBackground whole && whole.isWhole()
                    ? whole.edgeRows(value.name())
                    : null;
            for (int site = 0; site < shape.sites(); site++) {
                int row = set.row(site / shape.width(), site % shape.width());
                if (row < 0 && reference == null) {
                    continue;
                }
                MemorySegment from = row < 0 ? reference : values[part.value()];
                long first = (row < 0 ? 1L + site : row) * length;
                if (map) {
                    for (int c = 0; c < length; c++) {
                        result[c * shape.sites() + site] = from.getAtIndex(ValueLayout.JAVA_FLOAT, first + c);
                    }
                } else {
                    MemorySegment.copy(from, ValueLayout.JAVA_FLOAT, 4 * first, result,
                            part.firstRow() * output.width() + site * length, length);
                }
            }
        }
        return result;
    }
}
