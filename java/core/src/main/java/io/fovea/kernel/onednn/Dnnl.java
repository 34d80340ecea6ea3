package io.fovea.kernel.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.function.LongConsumer;

/**
 * The functions of libdnnl 3.x that are used here, one static method each, with their names and constants of {@code dnnl.h},
 * {@code dnnl_types.h} and {@code dnnl_common_types.h}. Handles are passed as numbers; who owns a handle is said where it is made. A
 * status other than success becomes a {@link DnnlException} that names the function. Initialised by {@link OneDnnTier} only, after
 * {@link DnnlLibrary#load} succeeded.
 */
final class Dnnl {
    /** Status codes. */
    static final int SUCCESS = 0;
    static final int INVALID_ARGUMENTS = 2;
    static final int UNIMPLEMENTED = 3;
    /** {@code DNNL_RUNTIME_DIM_VAL}. */
    static final long RUNTIME_DIM = Long.MIN_VALUE;
    /** {@code dnnl_format_tag_t}. */
    static final int TAG_ANY = 1;
    static final int TAG_NHWC = 22;
    /** {@code dnnl_alg_kind_t}. */
    static final int ELTWISE_RELU = 32;
    static final int ELTWISE_CLIP = 46;
    /** Indices of arguments of {@code dnnl_primitive_execute}. */
    static final int ARG_SRC = 1;
    static final int ARG_DST = 17;
    static final int ARG_WEIGHTS = 33;
    static final int ARG_BIAS = 41;
    static final int ARG_SCRATCHPAD = 80;
    /** {@code DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1}. */
    static final int ARG_FIRST_BINARY = 32768 | 2;
    /** Bytes of {@code dnnl_exec_arg_t}: an int, padding, a handle. */
    static final int ARG_BYTES = 16;

    private static final int CPU = 1;
    private static final int DEFAULT_FLAGS = 1;
    private static final int F32 = 3;
    private static final int BINARY_ADD = 131056;
    private static final int FORWARD_INFERENCE = 96;
    private static final int CONVOLUTION_DIRECT = 1;
    private static final int QUERY_IMPL_INFO_STR = 8;
    private static final int QUERY_WEIGHTS_MD = 131;
    private static final int QUERY_SCRATCHPAD_MD = 136;
    private static final int SCRATCHPAD_USER = 1;

    private static final SymbolLookup LIBRARY = DnnlLibrary.load();
    private static final MethodHandle VERSION = function("dnnl_version", JAVA_LONG);
    private static final MethodHandle ENGINE_CREATE = status("dnnl_engine_create", JAVA_LONG, JAVA_INT, JAVA_LONG);
    private static final MethodHandle STREAM_CREATE = status("dnnl_stream_create", JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle STREAM_DESTROY = status("dnnl_stream_destroy", JAVA_LONG);
    private static final MethodHandle DESC_STRIDES = status("dnnl_memory_desc_create_with_strides", JAVA_LONG,
            JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
    private static final MethodHandle DESC_TAG = status("dnnl_memory_desc_create_with_tag", JAVA_LONG, JAVA_INT,
            JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle DESC_DESTROY = status("dnnl_memory_desc_destroy", JAVA_LONG);
    private static final MethodHandle DESC_SIZE = function("dnnl_memory_desc_get_size", JAVA_LONG, JAVA_LONG);
    private static final MethodHandle DESC_EQUAL = function("dnnl_memory_desc_equal", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MEMORY_CREATE = status("dnnl_memory_create", JAVA_LONG, JAVA_LONG, JAVA_LONG,
            JAVA_LONG);
    private static final MethodHandle MEMORY_HANDLE = status("dnnl_memory_set_data_handle", JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MEMORY_DESTROY = status("dnnl_memory_destroy", JAVA_LONG);
    private static final MethodHandle POST_CREATE = status("dnnl_post_ops_create", JAVA_LONG);
    private static final MethodHandle POST_SUM = status("dnnl_post_ops_append_sum", JAVA_LONG, JAVA_FLOAT, JAVA_INT,
            JAVA_INT);
    private static final MethodHandle POST_BINARY = status("dnnl_post_ops_append_binary", JAVA_LONG, JAVA_INT,
            JAVA_LONG);
    private static final MethodHandle POST_ELTWISE = status("dnnl_post_ops_append_eltwise", JAVA_LONG, JAVA_INT,
            JAVA_FLOAT, JAVA_FLOAT);
    private static final MethodHandle POST_DESTROY = status("dnnl_post_ops_destroy", JAVA_LONG);
    private static final MethodHandle ATTR_CREATE = status("dnnl_primitive_attr_create", JAVA_LONG);
    private static final MethodHandle ATTR_POST = status("dnnl_primitive_attr_set_post_ops", JAVA_LONG, JAVA_LONG);
    private static final MethodHandle ATTR_SCRATCHPAD = status("dnnl_primitive_attr_set_scratchpad_mode", JAVA_LONG,
            JAVA_INT);
    private static final MethodHandle ATTR_DESTROY = status("dnnl_primitive_attr_destroy", JAVA_LONG);
    private static final MethodHandle MATMUL_DESC = status("dnnl_matmul_primitive_desc_create", JAVA_LONG, JAVA_LONG,
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle CONV_DESC = status("dnnl_convolution_forward_primitive_desc_create", JAVA_LONG,
            JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
            JAVA_LONG, JAVA_LONG);
    private static final MethodHandle REORDER_DESC = status("dnnl_reorder_primitive_desc_create", JAVA_LONG, JAVA_LONG,
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PRIMITIVE_QUERY = status("dnnl_primitive_desc_query", JAVA_LONG, JAVA_INT,
            JAVA_INT, JAVA_LONG);
    private static final MethodHandle PRIMITIVE_MD = function("dnnl_primitive_desc_query_md", JAVA_LONG, JAVA_LONG,
            JAVA_INT, JAVA_INT);
    private static final MethodHandle PRIMITIVE_DESC_DESTROY = status("dnnl_primitive_desc_destroy", JAVA_LONG);
    private static final MethodHandle PRIMITIVE_CREATE = status("dnnl_primitive_create", JAVA_LONG, JAVA_LONG);
    /** Four more arguments than the function has, which both ABIs let it ignore: a segment is held while it is an argument. */
    private static final MethodHandle PRIMITIVE_EXECUTE = status("dnnl_primitive_execute", JAVA_LONG, JAVA_LONG,
            JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle PRIMITIVE_DESTROY = status("dnnl_primitive_destroy", JAVA_LONG);
    /** Found through libdnnl's handle, hence in the very OpenMP run time that it is linked with. */
    private static final MethodHandle OMP_SET_NUM_THREADS = handle("omp_set_num_threads",
            FunctionDescriptor.ofVoid(JAVA_INT));

    private static final ThreadLocal<MemorySegment> RESULT = ThreadLocal
            .withInitial(() -> Arena.ofAuto().allocate(JAVA_LONG));
    /** The CPU engine, never destroyed. */
    private static final long ENGINE = engine();
    private static final ThreadLocal<MemorySegment> STREAM = ThreadLocal.withInitial(Dnnl::newStream);

    private Dnnl() {
    }

    private static MethodHandle handle(String name, FunctionDescriptor type) {
        MemorySegment symbol = LIBRARY.find(name)
                .orElseThrow(() -> new IllegalStateException("libdnnl has no function " + name));
        return Linker.nativeLinker().downcallHandle(symbol, type);
    }

    private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... parameters) {
        return handle(name, FunctionDescriptor.of(result, parameters));
    }

    private static MethodHandle status(String name, MemoryLayout... parameters) {
        return function(name, JAVA_INT, parameters);
    }

    /** A downcall that gives a status. */
    @FunctionalInterface
    private interface Call {
        int run() throws Throwable;
    }

    /** A downcall that writes a handle. */
    @FunctionalInterface
    private interface Maker {
        int run(long result) throws Throwable;
    }

    private static void check(String function, Call call) {
        int status;
        try {
            status = call.run();
        } catch (Throwable e) {
            throw broken(function, e);
        }
        if (status != SUCCESS) {
            throw new DnnlException(function, status);
        }
    }

    private static long make(String function, Maker maker) {
        MemorySegment result = RESULT.get();
        check(function, () -> maker.run(result.address()));
        return result.get(JAVA_LONG, 0);
    }

    private static IllegalStateException broken(String function, Throwable e) {
        return new IllegalStateException(function + " could not be called", e);
    }

    /** Returns the library's version, such as {@code 3.13.0}: {@code dnnl_version_t} begins with three ints. */
    static String version() {
        try {
            MemorySegment v = MemorySegment.ofAddress((long) VERSION.invokeExact()).reinterpret(12);
            return v.get(JAVA_INT, 0) + "." + v.get(JAVA_INT, 4) + "." + v.get(JAVA_INT, 8);
        } catch (Throwable e) {
            throw broken("dnnl_version", e);
        }
    }

    private static long engine() {
        return make("dnnl_engine_create", out -> (int) ENGINE_CREATE.invokeExact(out, CPU, 0L));
    }

    private static MemorySegment newStream() {
        long stream = make("dnnl_stream_create", out -> (int) STREAM_CREATE.invokeExact(out, ENGINE, DEFAULT_FLAGS));
        return MemorySegment.ofAddress(stream).reinterpret(Arena.ofAuto(),
                s -> check("dnnl_stream_destroy", () -> (int) STREAM_DESTROY.invokeExact(s.address())));
    }

    /** Lets an arena destroy a handle when it closes. */
    static long own(Arena arena, long handle, LongConsumer destroy) {
        MemorySegment.ofAddress(handle).reinterpret(arena, s -> destroy.accept(s.address()));
        return handle;
    }

    /**
     * Lets oneDNN's calls on this thread use this thread only: its OpenMP workers would fight with ours. A thread-local setting; it costs
     * less than asking whether it was made already, and a virtual thread may have changed its carrier.
     */
    static void useOneThread() {
        try {
            OMP_SET_NUM_THREADS.invokeExact(1);
        } catch (Throwable e) {
            throw broken("omp_set_num_threads", e);
        }
    }

    /** Makes a float32 descriptor with strides; the caller owns it. */
    static long strided(Arena temp, long[] dims, long[] strides) {
        long d = temp.allocateFrom(JAVA_LONG, dims).address();
        long s = temp.allocateFrom(JAVA_LONG, strides).address();
        return make("dnnl_memory_desc_create_with_strides",
                out -> (int) DESC_STRIDES.invokeExact(out, dims.length, d, F32, s));
    }

    /** Makes a float32 descriptor with a format tag; the caller owns it. */
    static long tagged(Arena temp, int tag, long... dims) {
        long d = temp.allocateFrom(JAVA_LONG, dims).address();
        return make("dnnl_memory_desc_create_with_tag",
                out -> (int) DESC_TAG.invokeExact(out, dims.length, d, F32, tag));
    }

    static void destroyDesc(long desc) {
        check("dnnl_memory_desc_destroy", () -> (int) DESC_DESTROY.invokeExact(desc));
    }

    /** Returns the bytes that a memory of this descriptor needs. */
    static long size(long desc) {
        try {
            return (long) DESC_SIZE.invokeExact(desc);
        } catch (Throwable e) {
            throw broken("dnnl_memory_desc_get_size", e);
        }
    }

    static boolean equal(long desc, long other) {
        try {
            return (int) DESC_EQUAL.invokeExact(desc, other) != 0;
        } catch (Throwable e) {
            throw broken("dnnl_memory_desc_equal", e);
        }
    }

    /** Makes a memory object over a buffer, or over none (address 0); the caller owns it. */
    static long memory(long desc, long address) {
        return make("dnnl_memory_create", out -> (int) MEMORY_CREATE.invokeExact(out, desc, ENGINE, address));
    }

    /** Points a memory object to another buffer. Hot. */
    static void setHandle(long memory, long address) {
        int status;
        try {
            status = (int) MEMORY_HANDLE.invokeExact(memory, address);
        } catch (Throwable e) {
            throw broken("dnnl_memory_set_data_handle", e);
        }
        if (status != SUCCESS) {
            throw new DnnlException("dnnl_memory_set_data_handle", status);
        }
    }

    static void destroyMemory(long memory) {
        check("dnnl_memory_destroy", () -> (int) MEMORY_DESTROY.invokeExact(memory));
    }

    /** Makes empty post-ops; the caller owns them. */
    static long postOps() {
        return make("dnnl_post_ops_create", out -> (int) POST_CREATE.invokeExact(out));
    }

    /** Appends {@code dst + result}. */
    static void appendSum(long postOps) {
        check("dnnl_post_ops_append_sum", () -> (int) POST_SUM.invokeExact(postOps, 1f, 0, F32));
    }

    /** Appends {@code result + other}. */
    static void appendAdd(long postOps, long desc) {
        check("dnnl_post_ops_append_binary", () -> (int) POST_BINARY.invokeExact(postOps, BINARY_ADD, desc));
    }

    static void appendEltwise(long postOps, int algorithm, float alpha, float beta) {
        check("dnnl_post_ops_append_eltwise",
                () -> (int) POST_ELTWISE.invokeExact(postOps, algorithm, alpha, beta));
    }

    static void destroyPostOps(long postOps) {
        check("dnnl_post_ops_destroy", () -> (int) POST_DESTROY.invokeExact(postOps));
    }

    /** Makes attributes with copies of the post-ops, whose primitives get their scratchpad from the caller; the caller owns them. */
    static long attributes(long postOps) {
        long attributes = make("dnnl_primitive_attr_create", out -> (int) ATTR_CREATE.invokeExact(out));
        check("dnnl_primitive_attr_set_post_ops", () -> (int) ATTR_POST.invokeExact(attributes, postOps));
        check("dnnl_primitive_attr_set_scratchpad_mode",
                () -> (int) ATTR_SCRATCHPAD.invokeExact(attributes, SCRATCHPAD_USER));
        return attributes;
    }

    static void destroyAttributes(long attributes) {
        check("dnnl_primitive_attr_destroy", () -> (int) ATTR_DESTROY.invokeExact(attributes));
    }

    /** Makes a matmul's descriptor; the caller owns it. */
    static long matmul(long src, long weights, long bias, long dst, long attributes) {
        return make("dnnl_matmul_primitive_desc_create",
                out -> (int) MATMUL_DESC.invokeExact(out, ENGINE, src, weights, bias, dst, attributes));
    }

    /** Makes a convolution's descriptor; the caller owns it. Each array has the vertical and the horizontal number. */
    static long convolution(Arena temp, long src, long weights, long bias, long dst, long[] strides, long[] dilates,
            long[] padBefore, long[] padAfter, long attributes) {
        long s = temp.allocateFrom(JAVA_LONG, strides).address();
        long d = temp.allocateFrom(JAVA_LONG, dilates).address();
        long before = temp.allocateFrom(JAVA_LONG, padBefore).address();
        long after = temp.allocateFrom(JAVA_LONG, padAfter).address();
        return make("dnnl_convolution_forward_primitive_desc_create",
                out -> (int) CONV_DESC.invokeExact(out, ENGINE, FORWARD_INFERENCE, CONVOLUTION_DIRECT, src, weights,
                        bias, dst, s, d, before, after, attributes));
    }

    /** Makes a reorder's descriptor; the caller owns it. */
    static long reorder(long from, long to) {
        return make("dnnl_reorder_primitive_desc_create",
                out -> (int) REORDER_DESC.invokeExact(out, from, ENGINE, to, ENGINE, 0L));
    }

    /** Returns the name of the implementation that was chosen, for example {@code brg_matmul:avx512_core}. */
    static String implementation(long primitiveDesc) {
        long text = make("dnnl_primitive_desc_query",
                out -> (int) PRIMITIVE_QUERY.invokeExact(primitiveDesc, QUERY_IMPL_INFO_STR, 0, out));
        return MemorySegment.ofAddress(text).reinterpret(256).getString(0);
    }

    /** Returns the descriptor of the weights; the primitive descriptor owns it. */
    static long weightsDesc(long primitiveDesc) {
        return queryDesc(primitiveDesc, QUERY_WEIGHTS_MD);
    }

    /** Returns the descriptor of the scratchpad; the primitive descriptor owns it. */
    static long scratchpadDesc(long primitiveDesc) {
        return queryDesc(primitiveDesc, QUERY_SCRATCHPAD_MD);
    }

    private static long queryDesc(long primitiveDesc, int what) {
        try {
            return (long) PRIMITIVE_MD.invokeExact(primitiveDesc, what, 0);
        } catch (Throwable e) {
            throw broken("dnnl_primitive_desc_query_md", e);
        }
    }

    static void destroyPrimitiveDesc(long primitiveDesc) {
        check("dnnl_primitive_desc_destroy", () -> (int) PRIMITIVE_DESC_DESTROY.invokeExact(primitiveDesc));
    }

    /** Makes a primitive, which compiles its code; the caller owns it. */
    static long primitive(long primitiveDesc) {
        return make("dnnl_primitive_create", out -> (int) PRIMITIVE_CREATE.invokeExact(out, primitiveDesc));
    }

    /**
     * Runs a primitive on this thread and returns when it is done (CPU streams are synchronous). Hot. The segments are those that its
     * memory objects point into: nobody can free them before it returns.
     */
    static void execute(long primitive, int count, long arguments, MemorySegment src, MemorySegment dst,
            MemorySegment residual, MemorySegment weights) {
        int status;
        try {
            status = (int) PRIMITIVE_EXECUTE.invokeExact(primitive, STREAM.get().address(), count, arguments, src, dst,
                    residual, weights);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw broken("dnnl_primitive_execute", e);
        }
        if (status != SUCCESS) {
            throw new DnnlException("dnnl_primitive_execute", status);
        }
    }

    static void destroyPrimitive(long primitive) {
        check("dnnl_primitive_destroy", () -> (int) PRIMITIVE_DESTROY.invokeExact(primitive));
    }
}
