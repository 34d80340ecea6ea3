package io.fovea.kernel;

import io.fovea.kernel.cpp.CppTier;
import io.fovea.kernel.cpp.StrassenTier;
import io.fovea.kernel.cpp.WinogradTier;
import io.fovea.kernel.onednn.OneDnnTier;
import io.fovea.kernel.scalar.ScalarTier;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Finds the kernel tiers that can run here. A tier that cannot is left out with one log line that says why; a tier that was asked for
 * by name fails instead.
 */
public final class KernelTiers {
    private static final Logger LOG = System.getLogger("io.fovea.kernel");
    private static final Map<String, Object> FOUND = new ConcurrentHashMap<>();
    private static final Map<String, Supplier<KernelTier>> MAKERS = makers();

    private KernelTiers() {
    }

    private static Map<String, Supplier<KernelTier>> makers() {
        Map<String, Supplier<KernelTier>> makers = new LinkedHashMap<>();
        makers.put("winograd", () -> new WinogradTier(4, false));
        makers.put("winograd2", () -> new WinogradTier(2, false));
        makers.put("strassen", StrassenTier::new);
        makers.put("cpp", CppTier::new);
        makers.put("vector", KernelTiers::vector);
        makers.put("onednn", OneDnnTier::new);
        makers.put("scalar", ScalarTier::new);
        return makers;
    }

    /** Returns the names of all tiers, fastest first. */
    public static List<String> names() {
        return List.copyOf(MAKERS.keySet());
    }

    /** Returns the tiers to ask for kernels, with {@link Winograd#AUTO}. */
    public static List<KernelTier> find(String request) {
        return find(request, Winograd.AUTO);
    }

    /**
     * Returns the tiers to ask for kernels, in order; the last one is always scalar, which has a kernel for every layer.
     *
     * @param request {@code auto}, or the name of one tier; {@code winograd}, {@code winograd2} and {@code strassen} leave the other layers to {@code cpp}
     * @param winograd which kernels with fewer multiplications {@code auto} may take
     * @throws IllegalArgumentException if there is no tier of that name
     * @throws IllegalStateException if the tier asked for cannot run here; the message says why
     */
    public static List<KernelTier> find(String request, Winograd winograd) {
        List<KernelTier> tiers = new ArrayList<>();
        if (request.equals("auto")) {
            for (String name : MAKERS.keySet()) {
                if (!Winograd.isTier(name) || winograd.allows(name)) {
                    automatic(name).ifPresent(tiers::add);
                }
            }
            return tiers;
        }
        if (!MAKERS.containsKey(request)) {
            throw new IllegalArgumentException("no kernels '" + request + "': choose auto or one of " + names());
        }
        Object found = load(request);
        if (!(found instanceof KernelTier tier)) {
            throw new IllegalStateException("kernels '" + request + "' cannot run here: " + found);
        }
        tiers.add(tier);
        if (Winograd.isTier(request)) {
            tiers.add((KernelTier) load("cpp"));
        }
        if (!request.equals("scalar")) {
            tiers.add((KernelTier) load("scalar"));
        }
        return tiers;
    }

    /** Returns a tier for {@code auto}; one that is slow to load is left to load itself when it is needed. */
    private static Optional<KernelTier> automatic(String name) {
        if (name.equals("winograd") || name.equals("winograd2")) {
            int side = name.equals("winograd2") ? 2 : 4;
            return ready(name).map(t -> new LazyTier(name, t.description(), WinogradTier::pays,
                    () -> Optional.of(new WinogradTier(side, true))));
        }
        if (!name.equals("onednn") || FOUND.containsKey(name)) {
            return ready(name);
        }
        Optional<String> description = OneDnnTier.probe();
        return description.map(d -> new LazyTier(name, d, OneDnnTier::covers, () -> ready(name)));
    }

    /**
     * Loads a tier, unless that was done or tried before.
     *
     * @param name one of {@link #names()}
     * @return the tier, or empty when it cannot run here, which one log line explains
     */
    public static Optional<KernelTier> ready(String name) {
        return load(name) instanceof KernelTier tier ? Optional.of(tier) : Optional.empty();
    }

    /** Returns the tier, or the reason why it is not there. */
    private static Object load(String name) {
        return FOUND.computeIfAbsent(name, n -> {
            try {
                return MAKERS.get(n).get();
            } catch (RuntimeException | LinkageError e) {
                String reason = e.getMessage() == null ? e.toString() : e.getMessage();
                LOG.log(Level.INFO, "kernels ''{0}'' are not used: {1}", n, reason);
                return reason;
            }
        });
    }

    private static KernelTier vector() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            throw new IllegalStateException("start Java with --add-modules jdk.incubator.vector");
        }
        String vm = System.getProperty("java.vm.name", "");
        String mode = System.getProperty("java.vm.info", "");
        if (!vm.contains("HotSpot") && !vm.contains("OpenJDK") || mode.contains("interpreted")) {
            throw new IllegalStateException("this JVM (" + vm + ", " + mode + ") does not compile vector code");
        }
        return new io.fovea.kernel.vector.VectorTier();
    }
}
