package io.fovea.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.net.URL;
import java.nio.file.Path;
import java.util.Optional;

/**
 * PyTorch's library as the engine of training. It is taken from the class path and unpacked once into the user's cache
 * ({@code ${XDG_CACHE_HOME:-~/.cache}/fovea}, or where the system property {@code ENGINE_CACHE_DIR} says); nothing is fetched at run time.
 * Thread-safe.
 */
public final class Torch {
    private static final String ENGINE = "PyTorch";

    private Torch() {
    }

    /** Returns why training cannot run here, in one line; empty when it can. */
    public static Optional<String> missing() {
        URL natives = Torch.class.getResource("/native/lib/pytorch.properties");
        if (natives == null) {
            return Optional.of("training needs PyTorch's library, which this build does not bring for "
                    + System.getProperty("os.name") + " on " + System.getProperty("os.arch"));
        }
        return Optional.empty();
    }

    /**
     * Returns a manager for arrays on the CPU; everything made with it lives until it is closed.
     *
     * @param threads threads of one operator, 0 for as many as there are processors; holds for the whole process
     * @throws IllegalStateException if the library is not there or cannot be loaded; the message says why
     */
    public static NDManager manager(int threads) {
        missing().ifPresent(why -> {
            throw new IllegalStateException(why);
        });
        set("ai.djl.offline", "true");
        set("OPT_OUT_TRACKING", "true");
        set("ENGINE_CACHE_DIR", cache().toString());
        try {
            NDManager manager = NDManager.newBaseManager(ai.djl.Device.cpu(), ENGINE);
            JniUtils.setNumThreads(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
            return manager;
        } catch (RuntimeException | LinkageError e) {
            throw new IllegalStateException("PyTorch's library cannot be loaded: " + e.getMessage(), e);
        }
    }

    /** Seeds the library's own generator; holds for the whole process. */
    static void seed(long seed) {
        Engine.getEngine(ENGINE).setRandomSeed((int) seed);
    }

    private static void set(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static Path cache() {
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path base = xdg != null && !xdg.isEmpty()
                ? Path.of(xdg)
                : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("fovea");
    }
}
