package io.fovea.kernel.onednn;

import io.fovea.graph.Window;
import io.fovea.kernel.Operands;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;

/**
 * One primitive with its weights, ready to be called by any number of threads at once. Lives as long as the arena that it was made in.
 */
final class Program {
    private static final boolean AARCH64 = System.getProperty("os.arch").equals("aarch64");

    private final Arena arena;
    private final Parameters parameters;
    private final long primitive;
    private final String implementation;
    private final boolean residual;
    private final long weightsDesc;
    private final long biasDesc;
    private final long scratchpadDesc;
    private final long scratchpadBytes;
    private final long srcDesc;
    private final long dstDesc;
    private final int inChannels;
    private final int outChannels;
    private final ArrayDeque<Arguments> free = new ArrayDeque<>();

    private Program(Arena arena, long primitiveDesc, Parameters parameters, boolean residual, long biasDesc,
            long srcDesc, long dstDesc, int inChannels, int outChannels) throws Refusal {
        this.arena = arena;
        this.parameters = parameters;
        this.residual = residual;
        this.biasDesc = biasDesc;
        this.srcDesc = srcDesc;
        this.dstDesc = dstDesc;
        this.inChannels = inChannels;
        this.outChannels = outChannels;
        implementation = Dnnl.implementation(primitiveDesc);
        if (isSlow(implementation, AARCH64)) {
            throw new Refusal("oneDNN offers " + implementation);
        }
        primitive = Dnnl.own(arena, Dnnl.primitive(primitiveDesc), Dnnl::destroyPrimitive);
        weightsDesc = Dnnl.weightsDesc(primitiveDesc);
        scratchpadDesc = Dnnl.scratchpadDesc(primitiveDesc);
        scratchpadBytes = Dnnl.size(scratchpadDesc);
    }

    /**
     * Returns whether an implementation is not worth calling: plain loops; and on AArch64 the general matrix product too, behind whose
     * name no compiled kernel was found there.
     */
    static boolean isSlow(String implementation, boolean aarch64) {
        return implementation.contains("ref") || aarch64 && implementation.contains("gemm:jit");
    }

    /**
     * Makes a matrix product {@code rows x in} by {@code in x out}. The weights keep the order they are given in, so that programs
     * for few and for many rows share one copy; unless oneDNN would copy them at every call, as it does for some row lengths.
     *
     * @param rows rows of every call, or 0 when each call says how many it has
     */
    static Program matmul(Arena arena, int rows, int in, int out, Parameters parameters, Epilogue epilogue)
            throws Refusal {
        Program program = matmul(arena, rows, in, out, parameters, epilogue, false);
        // A copy of the weights takes 64 columns at a time; everything else that a product keeps there is less than 1 KiB.
        boolean copies = rows > 0 && program.scratchpadBytes() > 1024 + 64L * in;
        return copies ? matmul(arena, rows, in, out, parameters, epilogue, true) : program;
    }

    private static Program matmul(Arena arena, int rows, int in, int out, Parameters parameters, Epilogue epilogue,
            boolean anyOrder) throws Refusal {
        Dnnl.useOneThread();
        try (Arena temp = Arena.ofConfined()) {
            long m = rows == 0 ? Dnnl.RUNTIME_DIM : rows;
            long src = rowsDesc(arena, temp, m, in);
            long dst = rowsDesc(arena, temp, m, out);
            long bias = rowsDesc(arena, temp, 1, out);
            long weights = Dnnl.own(temp, anyOrder ? parameters.anyOrder(temp) : parameters.givenOrder(temp),
                    Dnnl::destroyDesc);
            long attributes = Dnnl.own(temp, epilogue.attributes(dst), Dnnl::destroyAttributes);
            long desc = Dnnl.own(arena, Dnnl.matmul(src, weights, bias, dst, attributes), Dnnl::destroyPrimitiveDesc);
            boolean add = epilogue.residual() == Epilogue.Residual.ADD;
            return new Program(arena, desc, parameters, add, bias, rows == 0 ? 0 : src, rows == 0 ? 0 : dst, in, out);
        } catch (DnnlException e) {
            throw refusal(e);
        }
    }

    /**
     * Makes a convolution of a whole map of {@code height x width} in NHWC order.
     *
     * @param window geometry; its padding may be any that fits the map
     */
    static Program convolution(Arena arena, int height, int width, int in, int out, Window window,
            Parameters parameters, Epilogue epilogue) throws Refusal {
        int outHeight = window.outHeight(height);
        int outWidth = window.outWidth(width);
        if (height < 1 || width < 1 || outHeight < 1 || outWidth < 1) {
            throw new Refusal("the window does not fit a map of " + height + "x" + width);
        }
        Dnnl.useOneThread();
        try (Arena temp = Arena.ofConfined()) {
            long src = Dnnl.own(arena, Dnnl.tagged(temp, Dnnl.TAG_NHWC, 1, in, height, width), Dnnl::destroyDesc);
            long dst = Dnnl.own(arena, Dnnl.tagged(temp, Dnnl.TAG_NHWC, 1, out, outHeight, outWidth),
                    Dnnl::destroyDesc);
            long bias = Dnnl.own(arena, Dnnl.strided(temp, new long[]{out}, new long[]{1}), Dnnl::destroyDesc);
            long any = Dnnl.own(temp, parameters.anyOrder(temp), Dnnl::destroyDesc);
            long attributes = Dnnl.own(temp, epilogue.attributes(dst), Dnnl::destroyAttributes);
            long desc = Dnnl.own(arena,
                    Dnnl.convolution(temp, src, any, bias, dst, new long[]{window.strideH(), window.strideW()},
                            new long[]{window.dilationH() - 1, window.dilationW() - 1},
                            new long[]{window.padTop(), window.padLeft()},
                            new long[]{window.padBottom(), window.padRight()}, attributes),
                    Dnnl::destroyPrimitiveDesc);
            boolean add = epilogue.residual() == Epilogue.Residual.ADD;
            return new Program(arena, desc, parameters, add, bias, src, dst, in, out);
        } catch (DnnlException e) {
            throw refusal(e);
        }
    }

    private static long rowsDesc(Arena owner, Arena temp, long rows, int channels) {
        return Dnnl.own(owner, Dnnl.strided(temp, new long[]{rows, channels}, new long[]{channels, 1}),
                Dnnl::destroyDesc);
    }

    private static Refusal refusal(DnnlException e) {
        if (!e.isRefusal()) {
            throw e;
        }
        return new Refusal(e.getMessage());
    }

    /** Returns the implementation's name. */
    String implementation() {
        return implementation;
    }

    /** Returns the scratchpad of one call. */
    long scratchpadBytes() {
        return scratchpadBytes;
    }

    /**
     * Runs once. The addresses must be those of buffers that are large enough, which is checked by the kernel that calls.
     *
     * @param rows rows, when the program was made without; else 0
     * @param residual address of the residual, where it has a tensor of its own
     * @param scratchpad {@link #scratchpadBytes} bytes, 64-byte aligned
     * @param held the buffers that the addresses lie in, unless they lie in the caller's scratch
     */
    void run(int rows, long src, long dst, long residual, long scratchpad, Operands held) {
        if (!parameters.bias().scope().isAlive()) {
            throw new IllegalStateException("the kernel is closed");
        }
        Arguments arguments = take();
        Dnnl.useOneThread();
        if (arguments.rows() != rows) {
            shape(arguments, rows);
        }
        arguments.execute(src, dst, residual, scratchpad, held, parameters.bias());
        synchronized (free) {
            free.addLast(arguments);
        }
    }

    private Arguments take() {
        synchronized (free) {
            Arguments arguments = free.pollLast();
            if (arguments != null) {
                return arguments;
            }
        }
        Arguments made = new Arguments(arena, primitive, residual, weightsDesc, parameters.in(weightsDesc).address(),
                biasDesc, parameters.bias().address(), scratchpadDesc);
        Dnnl.own(arena, primitive, ignored -> made.close());
        return made;
    }

    private void shape(Arguments arguments, int rows) {
        if (srcDesc != 0) {
            arguments.shape(rows, srcDesc, dstDesc);
            return;
        }
        try (Arena temp = Arena.ofConfined()) {
            arguments.shape(rows, rowsDesc(temp, temp, rows, inChannels), rowsDesc(temp, temp, rows, outChannels));
        }
    }
}
