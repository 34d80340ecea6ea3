package io.fovea.kernel.cpp;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Finds and opens the compiled library: the file or folder of system property {@code fovea.native.path}, else the resource
 * {@code io/fovea/natives/<os>-<arch>/} of the class path (artifact fovea-natives), unpacked into a cache folder.
 */
final class NativeLibrary {
    static final String PATH_PROPERTY = "fovea.native.path";

    private NativeLibrary() {
    }

    /**
     * Opens the library for the rest of the process.
     *
     * @throws IllegalStateException if there is none or it cannot be used; the message says why
     */
    static SymbolLookup open() {
        if (!NativeLibrary.class.getModule().isNativeAccessEnabled()) {
            Module module = NativeLibrary.class.getModule();
            throw new IllegalStateException("native access is off: start Java with --enable-native-access="
                    + (module.isNamed() ? module.getName() : "ALL-UNNAMED"));
        }
        Path file = locate(System.getProperty(PATH_PROPERTY), platform());
        try {
            return SymbolLookup.libraryLookup(file, Arena.global());
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("cannot load the library: " + reason(file, e));
        }
    }

    /** Returns the file to load. */
    static Path locate(String chosen, String platform) {
        String name = fileName(platform);
        if (chosen != null && !chosen.isEmpty()) {
            Path path = Path.of(chosen).toAbsolutePath();
            Path file = Files.isDirectory(path) ? path.resolve(name) : path;
            if (!Files.isReadable(file)) {
                throw new IllegalStateException(file + " (" + PATH_PROPERTY + ") cannot be read");
            }
            return file;
        }
        String resource = "io/fovea/natives/" + platform + "/" + name;
        try (InputStream in = NativeLibrary.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("no library for " + platform + " on the class path (artifact"
                        + " fovea-natives) and no " + PATH_PROPERTY);
            }
            return NativeCache.standard().unpack(in.readAllBytes(), name);
        } catch (IOException e) {
            throw new IllegalStateException("cannot unpack " + resource + ": " + e, e);
        }
    }

    /** Returns the operating system and processor as the natives' folders name them, for example {@code linux-x86_64}. */
    static String platform() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String system = os.contains("mac") ? "macos" : os.contains("win") ? "windows" : os.replace(' ', '_');
        return system + "-" + switch (arch) {
            case "amd64", "x86_64" -> "x86_64";
            case "arm64", "aarch64" -> "aarch64";
            default -> arch;
        };
    }

    private static String fileName(String platform) {
        return platform.startsWith("windows")
                ? "fovea_native.dll"
                : platform.startsWith("macos") ? "libfovea_native.dylib" : "libfovea_native.so";
    }

    /** The lookup does not say why it failed; System.load does, in the words of the dynamic linker. */
    private static String reason(Path file, IllegalArgumentException failure) {
        try {
            System.load(file.toString());
            return failure.getMessage();
        } catch (UnsatisfiedLinkError e) {
            return e.getMessage();
        }
    }
}
