package io.fovea.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.graph.Graph;
import io.fovea.run.Gating;
import io.fovea.run.MeanBackground;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.Workspace;
import io.fovea.sites.Mask;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/** One run of a net by itself, for tests of kernels that round differently. */
public final class NetRun {
    private NetRun() {
    }

    /** Returns the net's first output; dense without a mask, else in gated mode over zeros. */
    public static float[] of(Graph graph, SessionOptions options, float[] image, Mask mask) {
        try (Session session = Session.open(graph, options); Workspace workspace = session.lease()) {
            for (int i = 0; i < image.length; i++) {
                workspace.input().setAtIndex(ValueLayout.JAVA_FLOAT, i, image[i]);
            }
            if (mask == null) {
                workspace.run();
            } else {
                Map<String, float[]> means = new HashMap<>();
                session.plan().values().forEach(v -> means.put(v.name(), new float[v.shape().channels()]));
                workspace.run(mask, Gating.gated(new MeanBackground("zeros", means)));
            }
            return workspace.output(graph.outputs().getFirst());
        }
    }

    /** Fails unless all values are within a share of the largest one wanted, which must not be small. */
    public static void assertClose(float[] want, float[] got, double share, String what) {
        double largest = 0;
        double worst = 0;
        for (int i = 0; i < want.length; i++) {
            largest = Math.max(largest, Math.abs(want[i]));
            worst = Math.max(worst, Math.abs(want[i] - got[i]));
        }
        assertTrue(largest > 0.5, what + ": output is empty");
        assertTrue(worst <= share * largest, what + ": off by " + worst + " of " + largest);
    }
}
