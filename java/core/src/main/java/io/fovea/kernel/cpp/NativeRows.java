package io.fovea.kernel.cpp;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.fovea.graph.Window;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowBlend;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The row-wise functions of {@code native/include/fovea_native.h}: sums, functions of values, scaling, means, mixtures and pools. Called as {@link Native} is. */
final class NativeRows {
    private static final MethodHandle ADD = Native.handle(JAVA_INT, "fovea_add", "pl pl pl ff ll");
    private static final MethodHandle ACTIVATE = Native.handle(JAVA_INT, "fovea_activate", "pl pl iff ll");
    private static final MethodHandle SCALE = Native.handle(JAVA_INT, "fovea_scale", "pl ii pl pl pl ii");
    private static final MethodHandle GLOBAL_AVERAGE = Native.handle(JAVA_INT, "fovea_global_average", "pl ii pl f pl");
    private static final MethodHandle MAP_AVERAGE = Native.handle(JAVA_INT, "fovea_map_average", "pl ii pl i pl pl pl");
    private static final MethodHandle SAMPLE = Native.handle(JAVA_INT, "fovea_sample",
            "pl ii pl i pl i pl pl pl pl iii");
    private static final MethodHandle MAX_POOL = Native.handle(JAVA_INT, "fovea_max_pool",
            "pl ii pl i pl pl iii pl i ii");
    private static final MethodHandle AVERAGE_POOL = Native.handle(JAVA_INT, "fovea_average_pool",
            "pl ii pl i pl ii pl i ii");

    private NativeRows() {
    }

    /** Values {@code from..to} of {@code out = clamp(a + b)}. */
    static void add(MemorySegment a, MemorySegment b, MemorySegment out, float low, float high, long from, long to) {
        try {
            Native.check("fovea_add",
                    (int) ADD.invokeExact(a, Native.floats(a), b, Native.floats(b), out, Native.floats(out), low, high,
                            from, to));
        } catch (Throwable t) {
            throw Native.failed("fovea_add", t);
        }
    }

    /** Values {@code from..to} of {@code out = f(in)}. */
    static void activate(MemorySegment in, MemorySegment out, NativeActivation f, long from, long to) {
        try {
            Native.check("fovea_activate",
                    (int) ACTIVATE.invokeExact(in, Native.floats(in), out, Native.floats(out), f.kind(), f.alpha(),
                            f.beta(), from, to));
        } catch (Throwable t) {
            throw Native.failed("fovea_activate", t);
        }
    }

    /**
     * Rows {@code from..to} of a segment times one row of factors, plus one row of shifts.
     *
     * @param shift shifts, or the null segment
     */
    static void scale(MemorySegment in, int rows, int channels, MemorySegment factor, MemorySegment shift,
            MemorySegment out, int from, int to) {
        try {
            Native.check("fovea_scale",
                    (int) SCALE.invokeExact(in, Native.floats(in), rows, channels, factor, Native.floats(factor), shift,
                            Native.floats(shift), out, Native.floats(out), from, to));
        } catch (Throwable t) {
            throw Native.failed("fovea_scale", t);
        }
    }

    /** The mean of the input's rows and of {@code more} further sites that read as a row of their own. */
    static void globalAverage(Operands o, int channels, MemorySegment rest, int more) {
        try {
            Native.check("fovea_global_average",
                    (int) GLOBAL_AVERAGE.invokeExact(o.in, Native.floats(o.in), o.inRows, channels, rest,
                            Native.floats(rest), (float) more, o.out, Native.floats(o.out)));
        } catch (Throwable t) {
            throw Native.failed("fovea_global_average", t);
        }
    }

    /**
     * The mean of the input's rows and, for the sites without one, of the rows of a map.
     *
     * @param sums running sums over the map's rows, or null
     * @param runs first site and end of each run of sites with a row
     * @param length ints of it
     */
    static void mapAverage(Operands o, int channels, MemorySegment map, int sites, MemorySegment sums,
            MemorySegment runs, long length) {
        MemorySegment running = sums == null ? MemorySegment.NULL : sums;
        try {
            Native.check("fovea_map_average",
                    (int) MAP_AVERAGE.invokeExact(o.in, Native.floats(o.in), o.inRows, channels, map,
                            Native.floats(map), sites, running, Native.floats(running), runs, length, o.out,
                            Native.floats(o.out)));
        } catch (Throwable t) {
            throw Native.failed("fovea_map_average", t);
        }
    }

    /** Rows {@code from..to} of weighted sums through the table; weights are those of the packed rows. */
    static void sample(Operands o, int channels, int taps, MemorySegment weights, int from, int to) {
        MemorySegment none = MemorySegment.NULL;
        sample(o.in, o.inRows, channels, o.edge, o.edgeRows, o.table.data(), taps, weights, none, none, o.out,
                o.outRows,
                from, to);
    }

    /** Bilinear mixtures and a line per channel; see {@link RowBlend}. */
    static void blend(MemorySegment map, RowBlend.Mixture mixture, MemorySegment a, MemorySegment b, MemorySegment out,
            int from, int to, int channels) {
        int rows = (int) Math.min(Integer.MAX_VALUE, Native.floats(map) / channels);
        sample(map, rows, channels, MemorySegment.NULL, 0, mixture.corners(), RowBlend.CORNERS, mixture.weights(), a, b,
                out, to, from, to);
    }

    private static void sample(MemorySegment in, int inRows, int channels, MemorySegment edge, int edgeRows,
            MemorySegment table, int taps, MemorySegment weights, MemorySegment a, MemorySegment b, MemorySegment out,
            int outRows, int from, int to) {
        try {
            Native.check("fovea_sample",
                    (int) SAMPLE.invokeExact(in, Native.floats(in), inRows, channels, edge, Native.floats(edge),
                            edgeRows, table,
                            Native.floats(table), taps, weights, Native.floats(weights), a, Native.floats(a), b,
                            Native.floats(b), out, Native.floats(out),
                            outRows, from, to));
        } catch (Throwable t) {
            throw Native.failed("fovea_sample", t);
        }
    }

    /** Rows {@code from..to} of a maximum through the table. */
    static void maxPool(Operands o, int channels, Window window, int from, int to) {
        MemorySegment table = Native.tableOf(o);
        MemorySegment runs = o.table.runs();
        try {
            Native.check("fovea_max_pool",
                    (int) MAX_POOL.invokeExact(o.in, Native.floats(o.in), o.inRows, channels, o.edge,
                            Native.floats(o.edge),
                            o.edgeRows, table, Native.floats(table), runs, (long) o.table.runsLength(),
                            window.kernelH(),
                            window.kernelW(), window.strideW(), o.out, Native.floats(o.out), o.outRows, from, to));
        } catch (Throwable t) {
            throw Native.failed("fovea_max_pool", t);
        }
    }

    /** Rows {@code from..to} of a mean through the table. */
    static void averagePool(Operands o, int channels, int taps, boolean countPadding, int from, int to) {
        MemorySegment table = o.table.data();
        try {
            Native.check("fovea_average_pool",
                    (int) AVERAGE_POOL.invokeExact(o.in, Native.floats(o.in), o.inRows, channels, o.edge,
                            Native.floats(o.edge), o.edgeRows, table, Native.floats(table), taps, countPadding ? 1 : 0,
                            o.out, Native.floats(o.out),
                            o.outRows, from, to));
        } catch (Throwable t) {
            throw Native.failed("fovea_average_pool", t);
        }
    }
}
