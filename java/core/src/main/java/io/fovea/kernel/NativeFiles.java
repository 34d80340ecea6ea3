package io.fovea.kernel;

import io.fovea.format.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Shared libraries that come as resources: copied once into a folder of the user's cache whose name is a hash of their contents, and
 * loaded from there. Folders and files are the user's own (mode 0700); a file appears whole or not at all, so several processes may
 * start at once.
 */
public final class NativeFiles {

    private static final boolean POSIX = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rwx------");

    private NativeFiles() {
    }

    /** Returns the folder under which libraries are kept: {@code fovea/natives} in {@code $XDG_CACHE_HOME} or in {@code ~/.cache}. */
    public static Path cache() {
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path base = xdg != null && Path.of(xdg).isAbsolute()
                ? Path.of(xdg)
                : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("fovea").resolve("natives");
    }

    /**
     * Makes a folder that only its owner may use.
     *
     * @throws IllegalStateException if it is there and others may write to it
     */
    public static void createPrivate(Path folder) throws IOException {
        if (!POSIX) {
            Files.createDirectories(folder);
            return;
        }
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER));
        Set<PosixFilePermission> granted = Files.getPosixFilePermissions(folder);
        if (granted.contains(PosixFilePermission.GROUP_WRITE) || granted.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IllegalStateException(folder + " can be written by others: code is not loaded from there");
        }
    }

    /** Lets the owner run a file, and nobody else read it. */
    public static void makeExecutable(Path file) throws IOException {
        if (POSIX) {
            Files.setPosixFilePermissions(file, OWNER);
        }
    }

    /**
     * Puts resources side by side into one folder, unless they lie there already.
     *
     * @param cache folder under which the folder is made
     * @param resources file names and where to read them; the entries of a jar are known by the checksum that it holds, so that a
     * large library is not read again to find out that it is there
     * @return the folder
     * @throws IOException if it cannot be written
     * @throws IllegalStateException if others may write to it
     */
    public static Path install(Path cache, Map<String, URL> resources) throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        Path folder = cache.resolve(key(resources, sizes));
        createPrivate(folder);
        for (Map.Entry<String, URL> resource : resources.entrySet()) {
            Path file = folder.resolve(resource.getKey());
            if (!Files.isRegularFile(file) || Files.size(file) != sizes.get(resource.getKey())) {
                copy(resource.getValue(), file);
            }
        }
        return folder;
    }

    /**
     * Loads a library for the rest of the process.
     *
     * @throws IllegalStateException if the system's loader refuses it; the message says what to do
     */
    public static SymbolLookup load(Path library) {
        try {
            return SymbolLookup.libraryLookup(library, Arena.global());
        } catch (IllegalArgumentException e) {
            String hint = Files.isExecutable(library)
                    ? "the system's loader refuses it"
                    : "its folder is mounted noexec: let XDG_CACHE_HOME name another cache";
            throw new IllegalStateException("cannot load " + library + ": " + hint, e);
        }
    }

    /** Returns the name of the folder for some resources: a hash of their names and contents. */
    public static String key(Map<String, URL> resources) throws IOException {
        return key(resources, new TreeMap<>());
    }

    /** Returns the hash of names and contents, and fills in the sizes. */
    private static String key(Map<String, URL> resources, Map<String, Long> sizes) throws IOException {
        MessageDigest digest = sha256();
        for (Map.Entry<String, URL> resource : new TreeMap<>(resources).entrySet()) {
            URLConnection connection = resource.getValue().openConnection();
            connection.setUseCaches(false);
            String content;
            long size;
            try (InputStream in = connection.getInputStream()) {
                if (connection instanceof JarURLConnection jar && jar.getJarEntry().getCrc() >= 0
                        && jar.getJarEntry().getSize() >= 0) {
                    size = jar.getJarEntry().getSize();
                    content = "crc32 " + jar.getJarEntry().getCrc();
                } else {
                    MessageDigest own = sha256();
                    size = 0;
                    byte[] buffer = new byte[1 << 16];
                    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                        own.update(buffer, 0, n);
                        size += n;
                    }
                    content = HexFormat.of().formatHex(own.digest());
                }
            }
            sizes.put(resource.getKey(), size);
            digest.update((resource.getKey() + '\n' + size + '\n' + content + '\n').getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(digest.digest(), 0, 12);
    }

    private static void copy(URL resource, Path file) throws IOException {
        URLConnection connection = resource.openConnection();
        connection.setUseCaches(false);
        try (InputStream in = connection.getInputStream()) {
            AtomicFiles.write(file, in::transferTo);
        }
        makeExecutable(file);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
