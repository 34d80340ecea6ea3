package io.fovea.kernel.cpp;

import io.fovea.format.AtomicFiles;
import io.fovea.kernel.NativeFiles;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Folder of unpacked libraries, one sub-folder for each content hash, readable and writable by the user alone. Processes may race:
 * a file appears whole or not at all.
 */
final class NativeCache {
    private static final boolean POSIX = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    private final Path folder;

    NativeCache(Path folder) {
        this.folder = folder;
    }

    /** Returns the cache under {@code ${XDG_CACHE_HOME:-~/.cache}/fovea/natives}. */
    static NativeCache standard() {
        return new NativeCache(NativeFiles.cache());
    }

    /**
     * Returns a file of the given name and content, written unless it stands already.
     *
     * @throws IllegalStateException if the folder is not private or the file cannot be executed there
     */
    Path unpack(byte[] content, String name) throws IOException {
        Path home = folder.resolve(hash(content));
        NativeFiles.createPrivate(home);
        Path file = home.resolve(name);
        if (!holds(file, content)) {
            AtomicFiles.write(file, out -> out.write(content));
            NativeFiles.makeExecutable(file);
        }
        if (!Files.isExecutable(file)) {
            throw new IllegalStateException(home + " is mounted noexec: let " + NativeLibrary.PATH_PROPERTY
                    + " name the library elsewhere, or XDG_CACHE_HOME another cache");
        }
        return file;
    }

    private static boolean holds(Path file, byte[] content) throws IOException {
        return Files.isRegularFile(file) && Files.size(file) == content.length
                && Arrays.equals(Files.readAllBytes(file), content)
                && (!POSIX || Files.getPosixFilePermissions(file).contains(PosixFilePermission.OWNER_EXECUTE));
    }

    private static String hash(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
