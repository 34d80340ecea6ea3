package io.fovea.testing;

import io.fovea.kernel.KernelTiers;
import java.util.ArrayList;
import java.util.List;

/** The kernel tiers that run on this machine; those that do not are named once in the test's output. */
public final class Tiers {
    private static final List<String> HERE = find();

    private Tiers() {
    }

    private static List<String> find() {
        List<String> here = new ArrayList<>();
        for (String tier : KernelTiers.names()) {
            try {
                KernelTiers.find(tier);
                here.add(tier);
            } catch (IllegalStateException e) {
                System.out.println("SKIPPED kernels " + tier + ": " + e.getMessage());
            }
        }
        return List.copyOf(here);
    }

    /** Returns the names, fastest first, scalar last. */
    public static List<String> here() {
        return HERE;
    }

    /** Returns all but the scalar one, which takes part in one try of four. */
    public static List<String> of(long seed) {
        return seed % 4 == 0 ? HERE : fast();
    }

    /** Returns all but the scalar one. */
    public static List<String> fast() {
        return HERE.stream().filter(tier -> !tier.equals("scalar")).toList();
    }
}
