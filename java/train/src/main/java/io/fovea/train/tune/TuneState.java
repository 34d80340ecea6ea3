package io.fovea.train.tune;

import io.fovea.format.AtomicFiles;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far tuning came, in a file from which it goes on.
 *
 * @param recipe what is trained on what, and how
 * @param steps steps done
 * @param seconds time spent
 * @param points what was judged so far
 * @param optimizer the optimizer's arrays
 * @param weights the weights
 * @param average their moving average
 * @param best the best average so far
 */
record TuneState(String recipe, int steps, double seconds, List<TuneReport.Point> points,
        Map<String, float[]> optimizer, Map<String, float[]> weights, Map<String, float[]> average,
        Map<String, float[]> best) {
    private static final long MAGIC = 0x466f766574756e31L;

    /** Writes the state in one piece. */
    void write(Path file) throws IOException {
        AtomicFiles.write(file, stream -> {
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(stream, 1 << 16));
            out.writeLong(MAGIC);
            out.writeUTF(recipe);
            out.writeInt(steps);
            out.writeDouble(seconds);
            out.writeInt(points.size());
            for (TuneReport.Point p : points) {
                out.writeInt(p.steps());
                out.writeDouble(p.seconds());
                out.writeDouble(p.loss());
                out.writeDouble(p.heldOutLoss());
                out.writeDouble(p.ap());
            }
            for (Map<String, float[]> arrays : List.of(optimizer, weights, average, best)) {
                write(out, arrays);
            }
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
     * Reads a state.
     *
     * @throws IOException if it cannot be read, or is none
     */
    static TuneState read(Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            if (in.readLong() != MAGIC) {
                throw new IOException(file + ": is no state of a tuning");
            }
            String recipe = in.readUTF();
            int steps = in.readInt();
            double seconds = in.readDouble();
            List<TuneReport.Point> points = new ArrayList<>();
            for (int n = in.readInt(); n > 0; n--) {
                points.add(new TuneReport.Point(in.readInt(), in.readDouble(), in.readDouble(), in.readDouble(),
                        in.readDouble()));
            }
            return new TuneState(recipe, steps, seconds, points, arrays(in), arrays(in), arrays(in), arrays(in));
        } catch (EOFException e) {
            throw new IOException(file + ": is cut off", e);
        }
    }

    private static Map<String, float[]> arrays(DataInputStream in) throws IOException {
        Map<String, float[]> arrays = new TreeMap<>();
        for (int n = in.readInt(); n > 0; n--) {
            String name = in.readUTF();
            float[] values = new float[in.readInt()];
            for (int i = 0; i < values.length; i++) {
                values[i] = in.readFloat();
            }
            arrays.put(name, values);
        }
        return arrays;
    }
}
