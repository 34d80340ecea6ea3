package io.fovea.lab.prune;

import io.fovea.format.AtomicFiles;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Every average precision and noise bound that a search has computed, also in a file: one line per value, flushed after each
 * batch. Because the search is deterministic, a run that finds its answers here goes the same way as before and goes on where the last
 * one was stopped. Not thread-safe.
 */
public final class Journal implements Closeable {
    private final int universe;
    private final Map<AnchorSet, Double> ap = new HashMap<>();
    private final Map<List<AnchorSet>, Double> noise = new HashMap<>();
    private final BufferedWriter out;

    private Journal(int universe, BufferedWriter out) {
        this.universe = universe;
        this.out = out;
    }

    /** Returns a journal without a file. */
    public static Journal inMemory(int universe) {
        return new Journal(universe, null);
    }

    /**
     * Opens a journal's file.
     *
     * @param universe number of anchor shapes
     * @param identity what the values depend on (model, photos, thresholds), one line
     * @param resume whether to take over what the file holds; otherwise it is begun anew
     * @throws IOException if it cannot be read or written
     * @throws IllegalArgumentException if it was written for something else
     */
    public static Journal open(Path file, int universe, String identity, boolean resume) throws IOException {
        String head = "# anchors " + universe + " " + identity;
        boolean goOn = resume && Files.exists(file);
        List<String> lines = goOn ? wholeLines(file) : List.of();
        goOn = goOn && !lines.isEmpty();
        if (goOn && !lines.get(0).equals(head)) {
            throw new IllegalArgumentException(file + " belongs to another model, data set or setting ("
                    + lines.get(0).replaceFirst("^# ", "") + "); start without --resume");
        }
        // What a file held stays until all that is to stay is written anew: a full disk must not cost it.
        String kept = goOn ? String.join("\n", lines) + "\n" : head + "\n";
        AtomicFiles.write(file, out -> out.write(kept.getBytes(StandardCharsets.UTF_8)));
        Journal known = new Journal(universe, null);
        for (int i = 1; i < lines.size(); i++) {
            known.take(lines.get(i), file, i + 1);
        }
        Journal journal = new Journal(universe, Files.newBufferedWriter(file, StandardOpenOption.APPEND));
        journal.ap.putAll(known.ap);
        journal.noise.putAll(known.noise);
        return journal;
    }

    private static List<String> wholeLines(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        int end = text.lastIndexOf('\n');
        return end < 0 ? List.of() : text.substring(0, end).lines().toList();
    }

    private void take(String line, Path file, int number) throws IOException {
        String[] part = line.split(" ");
        try {
            if (part.length == 2) {
                put(AnchorSet.fromHex(universe, part[0]), Double.parseDouble(part[1]));
            } else {
                putNoise(AnchorSet.fromHex(universe, part[0]), AnchorSet.fromHex(universe, part[1]),
                        Double.parseDouble(part[2]));
            }
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException(file + ": line " + number + " cannot be read: " + line, e);
        }
    }

    /** Returns a known average precision, or null. */
    public Double get(AnchorSet kept) {
        return ap.get(kept);
    }

    /** Returns a known noise bound, or null. */
    public Double getNoise(AnchorSet base, AnchorSet candidate) {
        return noise.get(List.of(base, candidate));
    }

    /** Notes an average precision. */
    public void put(AnchorSet kept, double value) throws IOException {
        if (ap.put(kept, value) == null) {
            write(kept.toHex() + " " + Double.toHexString(value));
        }
    }

    /** Notes a noise bound. */
    public void putNoise(AnchorSet base, AnchorSet candidate, double value) throws IOException {
        if (noise.put(List.of(base, candidate), value) == null) {
            write(base.toHex() + " " + candidate.toHex() + " " + Double.toHexString(value));
        }
    }

    /** Returns how many average precisions are known. */
    public int size() {
        return ap.size();
    }

    /** Makes sure that everything noted is in the file. */
    public void flush() throws IOException {
        if (out != null) {
            out.flush();
        }
    }

    private void write(String line) throws IOException {
        if (out != null) {
            out.write(line + "\n");
        }
    }

    @Override
    public void close() throws IOException {
        if (out != null) {
            out.close();
        }
    }
}
