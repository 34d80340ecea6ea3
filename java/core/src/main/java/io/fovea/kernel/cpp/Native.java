package io.fovea.kernel.cpp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.fovea.graph.Window;
import io.fovea.kernel.Operands;
import io.fovea.sites.NeighbourTable;
import io.fovea.sites.OutputTiles;
import io.fovea.sites.RunTeller;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The functions of {@code native/include/fovea_native.h} but the row-wise ones ({@link NativeRows}). Lengths are taken from the segments, so that the library can check every
 * argument against them; what it refuses becomes an exception that names the call and the argument's number.
 */
final class Native {
    private static final int VERSION = 11;
    private static final SymbolLookup LIBRARY = NativeLibrary.open();

    private static final MethodHandle VERSION_OF = handle(JAVA_INT, "fovea_version", "");
    private static final MethodHandle ISA = handle(ADDRESS, "fovea_isa", "");
    private static final MethodHandle ISA_SELECT = handle(JAVA_INT, "fovea_isa_select", "p");
    private static final MethodHandle PANEL = handle(JAVA_INT, "fovea_panel_columns", "");
    private static final MethodHandle CONV_LENGTH = handle(JAVA_LONG, "fovea_conv_packed_length", "iii");
    private static final MethodHandle CONV_PACK = handle(JAVA_INT, "fovea_conv_pack", "pl lll pl iii pl");
    private static final MethodHandle DEPTHWISE_LENGTH = handle(JAVA_LONG, "fovea_depthwise_packed_length", "ii");
    private static final MethodHandle DEPTHWISE_PACK = handle(JAVA_INT, "fovea_depthwise_pack", "pl ll pl ii pl");
    private static final MethodHandle GEMM = handle(JAVA_INT, "fovea_gemm", "pl ii pl i pl pl iff ii ii");
    private static final MethodHandle CONV_SCRATCH = handle(JAVA_LONG, "fovea_conv_scratch", "ii");
    private static final MethodHandle CONV = handle(JAVA_INT, "fovea_conv",
            "pl ii pl i pl pl iii pl i pl pl i iff ii ii pl");
    private static final MethodHandle STRASSEN_LENGTH = handle(JAVA_LONG, "fovea_strassen_packed_length", "iii");
    private static final MethodHandle STRASSEN_PACK = handle(JAVA_INT, "fovea_strassen_pack", "pl ll pl iii pl");
    private static final MethodHandle STRASSEN_SCRATCH = handle(JAVA_LONG, "fovea_strassen_scratch", "iiii");
    private static final MethodHandle STRASSEN = handle(JAVA_INT, "fovea_strassen", "pl ii pl ii pl pl iff ii pl");
    private static final MethodHandle WINOGRAD_LENGTH = handle(JAVA_LONG, "fovea_winograd_packed_length", "iii");
    private static final MethodHandle WINOGRAD_PACK = handle(JAVA_INT, "fovea_winograd_pack", "pl lll pl iii pl");
    private static final MethodHandle WINOGRAD_SCRATCH = handle(JAVA_LONG, "fovea_winograd_scratch", "iiii");
    private static final MethodHandle WINOGRAD = handle(JAVA_INT, "fovea_winograd",
            "pl ii pl i pl pl ii pl i pl pl i iff ii ii pl");
    private static final MethodHandle DEPTHWISE = handle(JAVA_INT, "fovea_depthwise",
            "pl ii pl i pl pl iii pl pl i iff ii");
    private static final MethodHandle BLOCK_BYTES = handle(JAVA_LONG, "fovea_block_bytes", "");
    private static final MethodHandle BLOCK_SCRATCH = handle(JAVA_LONG, "fovea_block_scratch_held", "pi pp");
    private static final MethodHandle BLOCK_RUN = handle(JAVA_INT, "fovea_block_run_held",
            "pii ppp pp pp ppp ppp");
    private static final MethodHandle BLOCK_GROUP_SCRATCH = handle(JAVA_LONG, "fovea_block_group_scratch_held",
            "piii pp");
    private static final MethodHandle BLOCK_GROUP = handle(JAVA_INT, "fovea_block_group_held", "piii pp pp pp ppp ppp");

    /** Reads arrays of the heap where they are: a call takes a few microseconds. */
    private static final MethodHandle TELL_RUNS = handle(JAVA_LONG, "fovea_tell_runs", "pl i pl pl i iiiiiii pl",
            Linker.Option.critical(true));

    private Native() {
    }

    /** Selects the instruction set that a property names, or none for null. Checks that library and binding fit. */
    static void start(String isa) {
        try (Arena arena = Arena.ofConfined()) {
            int version = (int) VERSION_OF.invokeExact();
            long bytes = (long) BLOCK_BYTES.invokeExact();
            if (version != VERSION || bytes != BlockArguments.BYTES) {
                throw new IllegalStateException("the native library has version " + version + " (blocks of " + bytes
                        + " bytes), this binding needs " + VERSION + " (" + BlockArguments.BYTES + ")");
            }
            if (isa != null && (int) ISA_SELECT.invokeExact(arena.allocateFrom(isa)) != 0) {
                throw new IllegalStateException("the native library has no instruction set '" + isa
                        + "' for this processor");
            }
        } catch (Throwable t) {
            throw failed("fovea_version", t);
        }
    }

    /** Returns the name of the instruction set in use. */
    static String isa() {
        try {
            MemorySegment name = (MemorySegment) ISA.invokeExact();
            return name.reinterpret(32).getString(0);
        } catch (Throwable t) {
            throw failed("fovea_isa", t);
        }
    }

    /** Returns the columns of one panel of packed weights. */
    static int panelColumns() {
        try {
            return (int) PANEL.invokeExact();
        } catch (Throwable t) {
            throw failed("fovea_panel_columns", t);
        }
    }

    /** Packs {@code [cout][cin][taps]} weights of a convolution with one group. */
    static MemorySegment packConv(float[] weights, float[] bias, int cout, int cin, int taps, Arena arena) {
        try (Arena temporary = Arena.ofConfined()) {
            MemorySegment w = temporary.allocateFrom(JAVA_FLOAT, weights);
            MemorySegment b = temporary.allocateFrom(JAVA_FLOAT, bias);
            long length = length("fovea_conv_packed_length", (long) CONV_LENGTH.invokeExact(cout, cin, taps));
            MemorySegment packed = arena.allocate(4 * length, 64);
            check("fovea_conv_pack", (int) CONV_PACK.invokeExact(w, floats(w), (long) cin * taps, (long) taps, 1L, b,
                    floats(b), cout, cin, taps, packed, length));
            return packed;
        } catch (Throwable t) {
            throw failed("fovea_conv_pack", t);
        }
    }

    /** Packs {@code [channels][taps]} weights of a depthwise convolution. */
    static MemorySegment packDepthwise(float[] weights, float[] bias, int channels, int taps, Arena arena) {
        try (Arena temporary = Arena.ofConfined()) {
            MemorySegment w = temporary.allocateFrom(JAVA_FLOAT, weights);
            MemorySegment b = temporary.allocateFrom(JAVA_FLOAT, bias);
            long length = length("fovea_depthwise_packed_length", (long) DEPTHWISE_LENGTH.invokeExact(channels, taps));
            MemorySegment packed = arena.allocate(4 * length, 64);
            check("fovea_depthwise_pack", (int) DEPTHWISE_PACK.invokeExact(w, floats(w), (long) taps, 1L, b, floats(b),
                    channels, taps, packed, length));
            return packed;
        } catch (Throwable t) {
            throw failed("fovea_depthwise_pack", t);
        }
    }

    /** Rows {@code from..to} and panels {@code fromPanel..toPanel} of {@code out = f(in * packed (+ in2))}. */
    static void gemm(Operands o, int k, MemorySegment packed, int n, MemorySegment in2, NativeActivation f, int from,
            int to, int fromPanel, int toPanel) {
        try {
            check("fovea_gemm", (int) GEMM.invokeExact(o.in, floats(o.in), o.inRows, k, packed, floats(packed), n, in2,
                    floats(in2), o.out, floats(o.out), f.kind(), f.alpha(), f.beta(), from, to, fromPanel, toPanel));
        } catch (Throwable t) {
            throw failed("fovea_gemm", t);
        }
    }

    /** Returns the floats of scratch of a convolution through a table. */
    static long convScratch(int cin, int taps) {
        try {
            return length("fovea_conv_scratch", (long) CONV_SCRATCH.invokeExact(cin, taps));
        } catch (Throwable t) {
            throw failed("fovea_conv_scratch", t);
        }
    }

    /** The same as {@link #gemm} through the table. */
    static void conv(Operands o, int cin, Window window, MemorySegment packed, int cout, MemorySegment in2,
            NativeActivation f, int from, int to, int fromPanel, int toPanel, MemorySegment scratch) {
        MemorySegment table = tableOf(o);
        MemorySegment runs = o.table.runs();
        try {
            check("fovea_conv", (int) CONV.invokeExact(o.in, floats(o.in), o.inRows, cin, o.edge, floats(o.edge),
                    o.edgeRows, table, floats(table), runs, (long) o.table.runsLength(), window.kernelH(),
                    window.kernelW(), window.strideW(), packed, floats(packed), cout, in2, floats(in2), o.out,
                    floats(o.out), o.outRows, f.kind(), f.alpha(), f.beta(), from, to, fromPanel, toPanel, scratch,
                    floats(scratch)));
        } catch (Throwable t) {
            throw failed("fovea_conv", t);
        }
    }

    /** Sums and packs {@code [cout][cin]} weights for products that are halved so many times. */
    static MemorySegment packStrassen(float[] weights, float[] bias, int cout, int cin, int levels, Arena arena) {
        try (Arena temporary = Arena.ofConfined()) {
            MemorySegment w = temporary.allocateFrom(JAVA_FLOAT, weights);
            MemorySegment b = temporary.allocateFrom(JAVA_FLOAT, bias);
            long length = length("fovea_strassen_packed_length", (long) STRASSEN_LENGTH.invokeExact(cout, cin, levels));
            MemorySegment packed = arena.allocate(4 * length, 64);
            check("fovea_strassen_pack", (int) STRASSEN_PACK.invokeExact(w, floats(w), (long) cin, 1L, b, floats(b),
                    cout, cin, levels, packed, length));
            return packed;
        } catch (Throwable t) {
            throw failed("fovea_strassen_pack", t);
        }
    }

    /** Returns the floats of scratch of a group of rows. */
    static long strassenScratch(int cin, int cout, int levels, int rows) {
        try {
            return length("fovea_strassen_scratch", (long) STRASSEN_SCRATCH.invokeExact(cin, cout, levels, rows));
        } catch (Throwable t) {
            throw failed("fovea_strassen_scratch", t);
        }
    }

    /** Rows {@code from..to}, a group, of {@code out = clamp(in * packed (+ in2))}. */
    static void strassen(Operands o, int k, MemorySegment packed, int levels, int n, MemorySegment in2,
            NativeActivation f, int from, int to, MemorySegment scratch) {
        try {
            check("fovea_strassen",
                    (int) STRASSEN.invokeExact(o.in, floats(o.in), o.inRows, k, packed, floats(packed), levels, n, in2,
                            floats(in2), o.out, floats(o.out), f.kind(), f.alpha(), f.beta(), from, to, scratch,
                            floats(scratch)));
        } catch (Throwable t) {
            throw failed("fovea_strassen", t);
        }
    }

    /** Transforms and packs {@code [cout][cin][3][3]} weights for tiles of {@code m x m} outputs. */
    static MemorySegment packWinograd(float[] weights, float[] bias, int cout, int cin, int m, Arena arena) {
        try (Arena temporary = Arena.ofConfined()) {
            MemorySegment w = temporary.allocateFrom(JAVA_FLOAT, weights);
            MemorySegment b = temporary.allocateFrom(JAVA_FLOAT, bias);
            long length = length("fovea_winograd_packed_length", (long) WINOGRAD_LENGTH.invokeExact(cout, cin, m));
            MemorySegment packed = arena.allocate(4 * length, 64);
            check("fovea_winograd_pack", (int) WINOGRAD_PACK.invokeExact(w, floats(w), 9L * cin, 9L, 1L, b, floats(b),
                    cout, cin, m, packed, length));
            return packed;
        } catch (Throwable t) {
            throw failed("fovea_winograd_pack", t);
        }
    }

    /** Returns the floats of scratch with which so many tiles run best. */
    static long winogradScratch(int cin, int cout, int m, int tiles) {
        try {
            return length("fovea_winograd_scratch", (long) WINOGRAD_SCRATCH.invokeExact(cin, cout, m, tiles));
        } catch (Throwable t) {
            throw failed("fovea_winograd_scratch", t);
        }
    }

    /** Tiles {@code from..to} and panels {@code fromPanel..toPanel} of a 3x3 convolution of stride 1. */
    static void winograd(Operands o, OutputTiles tiles, int cin, MemorySegment packed, int cout, MemorySegment in2,
            NativeActivation f, int from, int to, int fromPanel, int toPanel, MemorySegment scratch) {
        MemorySegment patches = tiles.patches();
        MemorySegment rows = tiles.rows();
        try {
            check("fovea_winograd",
                    (int) WINOGRAD.invokeExact(o.in, floats(o.in), o.inRows, cin, o.edge, floats(o.edge), o.edgeRows,
                            patches, floats(patches), rows, floats(rows), tiles.count(), tiles.side(), packed,
                            floats(packed), cout, in2, floats(in2), o.out, floats(o.out), o.outRows, f.kind(),
                            f.alpha(), f.beta(), from, to, fromPanel, toPanel, scratch, floats(scratch)));
        } catch (Throwable t) {
            throw failed("fovea_winograd", t);
        }
    }

    /** Rows {@code from..to} of a depthwise convolution. */
    static void depthwise(Operands o, int channels, int kh, int kw, int stride, MemorySegment packed,
            NativeActivation f, int from, int to) {
        MemorySegment table = tableOf(o);
        MemorySegment runs = o.table.runs();
        try {
            check("fovea_depthwise", (int) DEPTHWISE.invokeExact(o.in, floats(o.in), o.inRows, channels, o.edge,
                    floats(o.edge), o.edgeRows, table, floats(table), runs, (long) o.table.runsLength(), kh, kw, stride,
                    packed, floats(packed), o.out, floats(o.out), o.outRows, f.kind(), f.alpha(), f.beta(), from, to));
        } catch (Throwable t) {
            throw failed("fovea_depthwise", t);
        }
    }

    /** Returns the floats of scratch with which a block runs best; the block points to the sites' row starts. */
    static long blockScratch(MemorySegment block, NeighbourTable table) {
        try {
            return length("fovea_block_scratch", (long) BLOCK_SCRATCH.invokeExact(block, 1, table.input().rowStart(),
                    table.output().rowStart()));
        } catch (Throwable t) {
            throw failed("fovea_block_scratch", t);
        }
    }

    /**
     * Output image rows {@code from..to} of a block. The struct holds plain addresses; the buffers are arguments too, so that none of
     * them can be freed during the call.
     */
    static void block(MemorySegment block, int from, int to, Operands o, BlockArguments.Weights weights,
            BlockArguments.Reads reads, MemorySegment in2) {
        MemorySegment expand = weights.expand() == null ? MemorySegment.NULL : weights.expand();
        try {
            check("fovea_block_run",
                    (int) BLOCK_RUN.invokeExact(block, from, to, o.in, expand, o.edge, reads.table(),
                            reads.runs(), reads.lines(), reads.sites(), weights.depthwise(), weights.project(), in2,
                            o.out, o.table.input().rowStart(),
                            o.table.output().rowStart()));
        } catch (Throwable t) {
            throw failed("fovea_block_run", t);
        }
    }

    /** Returns the floats of scratch of a group of output image rows of a block. */
    static long blockGroupScratch(MemorySegment block, int levels, int from, int to, NeighbourTable table) {
        try {
            return length("fovea_block_group_scratch", (long) BLOCK_GROUP_SCRATCH.invokeExact(block, levels, from, to,
                    table.input().rowStart(), table.output().rowStart()));
        } catch (Throwable t) {
            throw failed("fovea_block_group_scratch", t);
        }
    }

    /** Output image rows {@code from..to}, a group, of a block without expansion; held as in {@link #block}. */
    static void blockGroup(MemorySegment block, int levels, int from, int to, Operands o,
            BlockArguments.Weights weights, BlockArguments.Reads reads, MemorySegment in2) {
        try {
            check("fovea_block_group",
                    (int) BLOCK_GROUP.invokeExact(block, levels, from, to, o.in, o.edge, reads.table(),
                            reads.runs(), reads.lines(), reads.sites(), weights.depthwise(), weights.project(), in2,
                            o.out, o.table.input().rowStart(),
                            o.table.output().rowStart()));
        } catch (Throwable t) {
            throw failed("fovea_block_group", t);
        }
    }

    /** The runs of a table; see {@link RunTeller}. */
    static int tellRuns(Window window, int[] sites, int sitesLength, int width, int[] lines, int linesLength,
            int[] firstLines, MemorySegment told) {
        if (sitesLength > sites.length || linesLength > lines.length) {
            throw new IllegalArgumentException("runs of " + sitesLength + " and " + linesLength
                    + " ints in arrays of " + sites.length + " and " + lines.length);
        }
        try {
            return Math.toIntExact(length("fovea_tell_runs", (long) TELL_RUNS.invokeExact(MemorySegment.ofArray(sites),
                    (long) sitesLength, width, MemorySegment.ofArray(lines), (long) linesLength,
                    MemorySegment.ofArray(firstLines), (long) firstLines.length, firstLines.length - 1,
                    window.kernelH(), window.kernelW(), window.strideH(), window.strideW(), window.padTop(),
                    window.padLeft(), window.dilationH(), told, floats(told))));
        } catch (Throwable t) {
            throw failed("fovea_tell_runs", t);
        }
    }

    /** Returns the entries of a table that has no runs; kernels do not look at those of one that has. */
    static MemorySegment tableOf(Operands o) {
        return o.table.hasRuns() ? MemorySegment.NULL : o.table.data();
    }

    /** Length of a segment in elements of four bytes. */
    static long floats(MemorySegment segment) {
        return segment.byteSize() / 4;
    }

    static void check(String call, int status) {
        if (status != 0) {
            throw new IllegalArgumentException(call + " refused argument " + -status);
        }
    }

    private static long length(String call, long length) {
        if (length < 0) {
            throw new IllegalArgumentException(call + ": sizes out of range");
        }
        return length;
    }

    static RuntimeException failed(String call, Throwable t) {
        if (t instanceof Error e) {
            throw e;
        }
        return t instanceof RuntimeException e ? e : new IllegalStateException(call + ": " + t, t);
    }

    /** Handle of a function; arguments: p address, l int64, i int32, f float32. */
    static MethodHandle handle(MemoryLayout result, String name, String arguments, Linker.Option... options) {
        MemoryLayout[] layouts = arguments.chars().filter(c -> c != ' ').mapToObj(c -> switch (c) {
            case 'p' -> ADDRESS;
            case 'l' -> JAVA_LONG;
            case 'i' -> JAVA_INT;
            default -> JAVA_FLOAT;
        }).toArray(MemoryLayout[]::new);
        MemorySegment address = LIBRARY.find(name)
                .orElseThrow(() -> new IllegalStateException("the native library has no function " + name));
        return Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(result, layouts), options);
    }
}
