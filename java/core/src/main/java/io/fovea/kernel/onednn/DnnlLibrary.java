package io.fovea.kernel.onednn;

import io.fovea.kernel.NativeFiles;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.net.URL;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds and loads libdnnl: the resource {@code org/bytedeco/dnnl/PLATFORM/libdnnl.so.3} of the jar {@code org.bytedeco:dnnl}. Its
 * OpenMP run time lies beside it and must stay there, because libdnnl looks for it in its own folder.
 */
final class DnnlLibrary {
    private static final List<String> FILES = List.of("libgomp.so.1", "libdnnl.so.3");
    private static final int[] GLIBC = {2, 34};
    private static SymbolLookup loaded;

    private DnnlLibrary() {
    }

    /**
     * Loads the library, once.
     *
     * @throws IllegalStateException if it cannot be; the message says why
     */
    static synchronized SymbolLookup load() {
        if (loaded == null) {
            Map<String, URL> files = files();
            checkLibc(libcVersion());
            try {
                loaded = NativeFiles.load(NativeFiles.install(NativeFiles.cache(), files).resolve(FILES.getLast()));
            } catch (IOException e) {
                throw new IllegalStateException("cannot unpack libdnnl: " + e.getMessage(), e);
            }
        }
        return loaded;
    }

    /**
     * Returns the library's files, having looked at what can be known at once.
     *
     * @throws IllegalStateException if they cannot be loaded here; the message says why
     */
    static Map<String, URL> files() {
        String platform = platform(System.getProperty("os.name"), System.getProperty("os.arch"));
        Module module = DnnlLibrary.class.getModule();
        if (!module.isNativeAccessEnabled()) {
            throw new IllegalStateException("native access is not enabled: start Java with --enable-native-access="
                    + (module.isNamed() ? module.getName() : "ALL-UNNAMED"));
        }
        return find(DnnlLibrary.class.getClassLoader(), platform);
    }

    /** Returns which library it is, for the key of measured choices. */
    static String description() {
        try {
            return "onednn " + NativeFiles.key(files());
        } catch (IOException e) {
            throw new IllegalStateException("cannot read libdnnl's jar: " + e.getMessage(), e);
        }
    }

    /** Returns the platform's name in the jar's paths. */
    static String platform(String system, String machine) {
        String name = !system.startsWith("Linux") ? "" : switch (machine) {
            case "amd64", "x86_64" -> "linux-x86_64";
            case "aarch64" -> "linux-arm64";
            default -> "";
        };
        if (name.isEmpty()) {
            throw new IllegalStateException(
                    "oneDNN is used on Linux on x86-64 and AArch64 only; this is " + system + " on " + machine);
        }
        return name;
    }

    /** Returns the library's files as resources of a class path. */
    static Map<String, URL> find(ClassLoader loader, String platform) {
        Map<String, URL> files = new LinkedHashMap<>();
        for (String name : FILES) {
            String resource = "org/bytedeco/dnnl/" + platform + "/" + name;
            URL url = loader.getResource(resource);
            if (url == null) {
                throw new IllegalStateException(
                        resource + " is not on the class path: add org.bytedeco:dnnl with the classifier " + platform);
            }
            files.put(name, url);
        }
        return files;
    }

    /** Refuses a C library that this build of libdnnl cannot be linked with. */
    static void checkLibc(Optional<String> version) {
        String found = version.orElseThrow(
                () -> new IllegalStateException("libdnnl needs the GNU C library, which is not what this system has"));
        String[] parts = found.split("[^0-9]+");
        int major = Integer.parseInt(parts[0]);
        int minor = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
        if (major < GLIBC[0] || major == GLIBC[0] && minor < GLIBC[1]) {
            throw new IllegalStateException(
                    "libdnnl needs glibc " + GLIBC[0] + "." + GLIBC[1] + " or newer; this system has " + found);
        }
    }

    private static Optional<String> libcVersion() {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup().find("gnu_get_libc_version").map(function -> {
            try {
                MemorySegment text = (MemorySegment) linker
                        .downcallHandle(function, FunctionDescriptor.of(ValueLayout.ADDRESS)).invokeExact();
                return text.reinterpret(64).getString(0);
            } catch (Throwable e) {
                throw new IllegalStateException("gnu_get_libc_version failed", e);
            }
        });
    }
}
