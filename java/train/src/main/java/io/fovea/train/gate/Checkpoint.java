package io.fovea.train.gate;

import io.fovea.format.AtomicFiles;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A state of training in a file, from which it goes on.
 *
 * @param recipe what was trained on what; a checkpoint of another recipe is not continued
 * @param epochs passes done
 * @param losses per pass done: mean training loss, held-out loss, in this order
 * @param state arrays by name
 * @param best arrays of the best pass so far, by name
 */
record Checkpoint(String recipe, int epochs, List<double[]> losses, Map<String, float[]> state,
        Map<String, float[]> best) {
    private static final long MAGIC = 0x466f766561677431L;

    /** Writes the checkpoint in one piece. */
    void write(Path file) throws IOException {
        AtomicFiles.write(file, stream -> {
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(stream));
            out.writeLong(MAGIC);
            out.writeUTF(recipe);
            out.writeInt(epochs);
            for (double[] loss : losses) {
                out.writeDouble(loss[0]);
                out.writeDouble(loss[1]);
            }
            write(out, state);
            write(out, best);
            out.flush();
        });
    }

    private static void write(DataOutputStream out, Map<String, float[]> arrays) throws IOException {
        out.writeInt(arrays.size());
        for (Map.Entry<String, float[]> e : arrays.entrySet()) {
            out.writeUTF(e.getKey());
            out.writeInt(e.getValue().length);
            for (float v : e.getValue()) {
                out.writeFloat(v);
            }
        }
    }

    /**
     * Reads a checkpoint.
     *
     * @throws IOException if it cannot be read, or is none
     */
    static Checkpoint read(Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            if (in.readLong() != MAGIC) {
                throw new IOException(file + ": is no checkpoint of a gate's training");
            }
            String recipe = in.readUTF();
            int epochs = in.readInt();
            List<double[]> losses = new ArrayList<>();
            for (int e = 0; e < epochs; e++) {
                losses.add(new double[]{in.readDouble(), in.readDouble()});
            }
            return new Checkpoint(recipe, epochs, losses, arrays(in), arrays(in));
        } catch (java.io.EOFException e) {
            throw new IOException(file + ": is cut off or no checkpoint of a gate's training", e);
        }
    }

    private static Map<String, float[]> arrays(DataInputStream in) throws IOException {
        Map<String, float[]> arrays = new TreeMap<>();
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            String name = in.readUTF();
            float[] values = new float[in.readInt()];
            for (int v = 0; v < values.length; v++) {
                values[v] = in.readFloat();
            }
            arrays.put(name, values);
        }
        return arrays;
    }
}
