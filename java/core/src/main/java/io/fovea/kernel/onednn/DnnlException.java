package io.fovea.kernel.onednn;

/** A call of libdnnl that did not succeed. */
final class DnnlException extends IllegalStateException {
    private static final String[] NAMES = {"success", "out of memory", "invalid arguments", "unimplemented",
            "last implementation reached", "runtime error", "not required", "invalid graph", "invalid graph op",
            "invalid shape", "invalid data type"};
    private final int status;

    /**
     * @param function name of the C function
     * @param status its {@code dnnl_status_t}
     */
    DnnlException(String function, int status) {
        super(function + ": " + (status > 0 && status < NAMES.length ? NAMES[status] : "status " + status));
        this.status = status;
    }

    /** Returns whether the library has no implementation for what was asked, which is an answer and no fault. */
    boolean isRefusal() {
        return status == Dnnl.UNIMPLEMENTED || status == Dnnl.INVALID_ARGUMENTS;
    }
}
