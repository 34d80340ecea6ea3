package io.fovea.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;

/** Compares graphs by content; the records of {@link Op} hold arrays, which their equals compares by identity. */
public final class Graphs {
    private Graphs() {
    }

    /** Returns what a graph says, weights by their bits; equal texts mean equal graphs. */
    public static List<String> lines(Graph graph) {
        return java.util.stream.Stream.concat(
                java.util.stream.Stream.of(
                        graph.name() + " " + graph.input() + " " + graph.inputShape() + " " + graph.outputs()),
                graph.nodes().stream()
                        .map(n -> n.name() + " " + op(n.op()) + " " + n.inputs() + " -> " + n.output()))
                .toList();
    }

    /** Asserts that two graphs are the same to the last bit; a failure shows the first place where they differ. */
    public static void assertSame(Graph expected, Graph actual, String place) {
        List<String> a = lines(expected);
        List<String> b = lines(actual);
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            assertEquals(a.get(i), b.get(i), place);
        }
        assertEquals(a.size(), b.size(), place);
    }

    private static String op(Op op) {
        StringBuilder text = new StringBuilder(op.getClass().getSimpleName());
        for (RecordComponent c : op.getClass().getRecordComponents()) {
            Object value;
            try {
                value = c.getAccessor().invoke(op);
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            }
            text.append(' ').append(c.getName()).append('=')
                    .append(value instanceof float[] f
                            ? Arrays.toString(bits(f))
                            : value instanceof int[] i ? Arrays.toString(i) : value.toString());
        }
        return text.toString();
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }
}
