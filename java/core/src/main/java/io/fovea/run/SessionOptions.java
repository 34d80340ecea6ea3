package io.fovea.run;

/**
 * How a session runs.
 *
 * @param threads threads of one run, the caller included; 0 for as many as the pool has
 * @param kernels {@code auto} or the name of a kernel tier
 */
public record SessionOptions(int threads, String kernels) {

    /** One thread, the best kernels. */
    public static final SessionOptions DEFAULT = new SessionOptions(1, "auto");

    public SessionOptions {
        if (threads < 0) {
            throw new IllegalArgumentException("threads: " + threads + " is below 0");
        }
    }
}
