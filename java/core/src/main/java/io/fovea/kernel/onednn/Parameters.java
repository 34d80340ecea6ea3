package io.fovea.kernel.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Weights of one layer in the orders that its programs want, each made once, and its bias. Thread-safe. */
final class Parameters {
    /** Weights in one order. */
    private record Packed(long desc, MemorySegment data) {}

    private final Arena arena;
    private final Supplier<float[]> plain;
    private final long[] dims;
    private final long[] strides;
    private final MemorySegment bias;
    private final List<Packed> packed = new ArrayList<>();

    /**
     * @param arena owner of the copies
     * @param plain gives the weights in some strided order; asked when a program is first called
     * @param dims extents, as oneDNN wants them
     * @param strides distance of neighbours along each extent
     * @param bias one value per output channel
     */
    Parameters(Arena arena, Supplier<float[]> plain, long[] dims, long[] strides, float[] bias) {
        this.arena = arena;
        this.plain = plain;
        this.dims = dims;
        this.strides = strides;
        this.bias = arena.allocate(4L * bias.length, 64);
        MemorySegment.copy(bias, 0, this.bias, ValueLayout.JAVA_FLOAT, 0, bias.length);
    }

    /** Returns the bias. */
    MemorySegment bias() {
        return bias;
    }

    /** Makes a descriptor that leaves the order of the weights to the library; the caller owns it. */
    long anyOrder(Arena temp) {
        return Dnnl.tagged(temp, Dnnl.TAG_ANY, dims);
    }

    /** Makes a descriptor of the order in which the weights are given; the caller owns it. */
    long givenOrder(Arena temp) {
        return Dnnl.strided(temp, dims, strides);
    }

    /** Returns the weights as a descriptor wants them; the descriptor must live as long as the arena. */
    synchronized MemorySegment in(long desc) {
        for (Packed p : packed) {
            if (Dnnl.equal(p.desc, desc)) {
                return p.data;
            }
        }
        MemorySegment data = arena.allocate(Math.max(64, Dnnl.size(desc)), 64);
        try (Arena temp = Arena.ofConfined()) {
            float[] values = plain.get();
            MemorySegment from = temp.allocate(4L * values.length, 64);
            MemorySegment.copy(values, 0, from, ValueLayout.JAVA_FLOAT, 0, values.length);
            long fromDesc = Dnnl.own(temp, givenOrder(temp), Dnnl::destroyDesc);
            reorder(temp, fromDesc, from, desc, data);
        }
        packed.add(new Packed(desc, data));
        return data;
    }

    private static void reorder(Arena temp, long fromDesc, MemorySegment from, long toDesc, MemorySegment to) {
        long primitiveDesc = Dnnl.own(temp, Dnnl.reorder(fromDesc, toDesc), Dnnl::destroyPrimitiveDesc);
        long primitive = Dnnl.own(temp, Dnnl.primitive(primitiveDesc), Dnnl::destroyPrimitive);
        MemorySegment arguments = temp.allocate(2L * Dnnl.ARG_BYTES, 8);
        Arguments.put(arguments, 0, Dnnl.ARG_SRC, memory(temp, fromDesc, from));
        Arguments.put(arguments, 1, Dnnl.ARG_DST, memory(temp, toDesc, to));
        Dnnl.execute(primitive, 2, arguments.address(), from, to, MemorySegment.NULL, MemorySegment.NULL);
    }

    private static long memory(Arena temp, long desc, MemorySegment data) {
        return Dnnl.own(temp, Dnnl.memory(desc, data.address()), Dnnl::destroyMemory);
    }
}
