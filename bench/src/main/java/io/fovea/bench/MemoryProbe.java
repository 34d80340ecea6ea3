package io.fovea.bench;

import io.fovea.cli.Lines;
import io.fovea.format.OnnxReader;
import io.fovea.graph.Shape;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Peak resident memory of a process that loads one engine and runs a net 20 times on noise. Each engine gets a JVM of its own, and
 * the JVM alone is measured too, since every engine here stands on one. Linux only: it reads {@code VmHWM}.
 */
final class MemoryProbe {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int RUNS = 20;

    private MemoryProbe() {
    }

    static boolean isPossible() {
        return Files.isReadable(STATUS);
    }

    /**
     * Returns the peak in MiB.
     *
     * @param engine {@code jvm} for the JVM alone, {@code onnxruntime}, or {@code fovea}
     * @param tier our kernel tier; ignored by the others
     * @param model the ONNX file
     * @param input shape of its input
     * @param threads threads of a run
     */
    static double peakMebibytes(String engine, String tier, Path model, Shape input, int threads) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-Dfovea.stderr") && !flag.contains("SharedArchive"))
                .forEach(command::add);
        command.addAll(List.of(MemoryProbe.class.getName(), engine, tier, model.toString(),
                Integer.toString(threads), Integer.toString(input.height()), Integer.toString(input.width())));
        Path errors = Files.createTempFile("fovea-memory", ".log");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile())
                    .redirectInput(new File("/dev/null"));
            // Not on the command line: ONNX Runtime 1.29 runs out of stack when that is some kilobytes long.
            builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
            Process process = builder.start();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            boolean ended = process.waitFor(10, TimeUnit.MINUTES);
            if (!ended || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException(
                        "measuring the memory of " + engine + " failed (exit code "
                                + (ended ? process.exitValue() : "none") + "): " + Files.readString(errors).strip());
            }
            return Double.parseDouble(answer) / 1024;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while measuring memory", e);
        } finally {
            Files.deleteIfExists(errors);
        }
    }

    /**
     * The measured process: prints its peak in KiB.
     *
     * @param args engine, tier, model file, threads, height and width of the input
     */
    public static void main(String[] args) {
        try {
            if (!args[0].equals("jvm")) {
                run(args[0], args[1], Path.of(args[2]), Integer.parseInt(args[3]),
                        new Shape(Integer.parseInt(args[4]), Integer.parseInt(args[5]), 3));
            }
            System.out.println(Files.readAllLines(STATUS).stream().filter(line -> line.startsWith("VmHWM:")).findFirst()
                    .orElseThrow().replaceAll("\\D", ""));
            System.exit(0);
        } catch (Exception e) {
            System.err.println(Lines.message(e));
            System.exit(1);
        }
    }

    private static void run(String name, String tier, Path file, int threads, Shape shape) throws Exception {
        Random random = new Random(Input.SEED);
        float[] input = new float[shape.values()];
        for (int i = 0; i < input.length; i++) {
            input[i] = 2 * random.nextFloat() - 1;
        }
        if (name.equals(OnnxRuntimeEngine.NAME)) {
            try (Engine engine = new OnnxRuntimeEngine(file, threads, input, shape)) {
                repeat(engine);
            }
        } else {
            try (OurNet net = new OurNet(OnnxReader.read(file), tier, threads, false, false);
                    Engine engine = new FoveaEngine(net, input)) {
                repeat(engine);
            }
        }
    }

    private static void repeat(Engine engine) throws Exception {
        for (int i = 0; i < RUNS; i++) {
            engine.prepare();
            engine.run();
        }
    }
}
