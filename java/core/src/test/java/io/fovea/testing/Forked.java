package io.fovea.testing;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Another JVM of the same JDK, so that a test may choose its flags, and a crash of it is a failed test.
 *
 * @param exit exit status
 * @param text what it printed, standard error included
 */
public record Forked(int exit, String text) {

    /** Runs a class's main method with the tests' class path. */
    public static Forked run(List<String> flags, Class<?> main, String... args)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(flags);
        command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath()), main.getName()));
        command.addAll(List.of(args));
        return java(command);
    }

    /** Runs {@code java} with the given arguments, in an empty folder, for at most five minutes. */
    public static Forked java(List<String> arguments) throws IOException, InterruptedException {
        return java(arguments, Map.of());
    }

    /** Runs {@code java} as {@link #java(List)} does, with further environment variables. */
    public static Forked java(List<String> arguments, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("fovea-fork");
        try {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(arguments);
            Path output = folder.resolve("output");
            ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            boolean ended = process.waitFor(5, TimeUnit.MINUTES);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            String text = Files.readString(output, StandardCharsets.UTF_8);
            return new Forked(process.exitValue(), ended ? text : text + "\nstopped after five minutes");
        } finally {
            delete(folder.toFile());
        }
    }

    private static void delete(File file) {
        File[] inside = file.listFiles();
        if (inside != null) {
            Arrays.stream(inside).forEach(Forked::delete);
        }
        file.delete();
    }

    /** Returns the folders and jars of the tests' class path. */
    public static List<String> classPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return List.of(path.split(File.pathSeparator));
    }

    /** Returns the rest of the first line that begins with a word, or null. */
    public String said(String word) {
        return text.lines().filter(l -> l.startsWith(word + " ")).map(l -> l.substring(word.length() + 1)).findFirst()
                .orElse(null);
    }
}
