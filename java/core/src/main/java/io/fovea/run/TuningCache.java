package io.fovea.run;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.kernel.KernelTier;
import io.fovea.plan.Choice;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Measured choices on disk, one small JSON file for each net, machine, Java, set of tiers and number of threads:
 * {@code ${XDG_CACHE_HOME:-~/.cache}/fovea/tuning}. A file that cannot be read or written costs a measurement and one log line.
 */
final class TuningCache {
    private static final Logger LOG = System.getLogger("io.fovea.run");
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int VERSION = 5;
    private final Path file;

    /** The file's content. */
    record Entry(int version, Map<String, String> tiers, Set<String> fused, double breakEven) {}

    TuningCache(Graph graph, SessionOptions options, List<KernelTier> tiers) {
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path home = xdg == null || xdg.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
        this.file = home.resolve("fovea").resolve("tuning").resolve(key(graph, options, tiers) + ".json");
    }

    private static String key(Graph graph, SessionOptions options, List<KernelTier> tiers) {
        StringBuilder text = new StringBuilder();
        text.append(VERSION).append('|').append(Machine.description()).append('|')
                .append(System.getProperty("java.vm.version")).append('|').append(options.threads()).append('|')
                .append(WorkerPool.shared().size()).append('|')
                .append(tiers.stream().map(KernelTier::description).toList());
        for (Node node : graph.nodes()) {
            text.append('\n').append(node.name()).append(' ').append(node.op().label()).append(' ')
                    .append(graph.shape(node.output()));
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the choice on disk, or null. */
    Choice read() {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            Entry entry = MAPPER.readValue(file.toFile(), Entry.class);
            return entry.version() == VERSION && entry.tiers() != null && entry.fused() != null
                    ? new Choice(entry.tiers(), entry.fused(), entry.breakEven())
                    : null;
        } catch (IOException e) {
            LOG.log(Level.INFO, "tuning file {0} is not used: {1}", file,
                    e instanceof JacksonException j ? j.getOriginalMessage() : e.getMessage());
            return null;
        }
    }

    /** Writes the choice to a temporary file and moves it into place. */
    void write(Choice choice) {
        try {
            Files.createDirectories(file.getParent());
            Path temporary = Files.createTempFile(file.getParent(), "tuning", ".tmp");
            try {
                MAPPER.writeValue(temporary.toFile(),
                        new Entry(VERSION, choice.tiers(), choice.fused(), choice.breakEven()));
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            LOG.log(Level.INFO, "the measured choice of kernels is not kept: {0}", e.getMessage());
        }
    }
}
