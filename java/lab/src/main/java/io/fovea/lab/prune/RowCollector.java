package io.fovea.lab.prune;

import io.fovea.Detector;
import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.head.Candidates;
import io.fovea.head.HeadDecoder;
import io.fovea.image.Image;
import io.fovea.image.InputEncoder;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.eval.PhotoPass;
import io.fovea.run.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Runs a detector once over photos and writes the rows that may become detections into a {@link RowCache}. */
final class RowCollector {
    private final Detector detector;
    private final InputEncoder encoder;
    private final HeadDecoder decoder;
    private final ThreadLocal<HeadDecoder.Buffers> buffers = ThreadLocal.withInitial(HeadDecoder.Buffers::new);
    private final int[] shapeOfRow;
    private final int shapes;

    /**
     * Makes a collector.
     *
     * @param detector runs the net; each call on one thread
     * @param threshold scores at or below it are left out
     */
    RowCollector(Detector detector, float threshold) {
        this.detector = detector;
        DetectorSpec spec = detector.spec();
        encoder = spec.input().encoder();
        boolean[] wanted = new boolean[spec.classes().size()];
        Arrays.fill(wanted, true);
        decoder = new HeadDecoder(spec, detector.session().plan(), wanted, threshold);
        shapeOfRow = shapeOfRow(spec);
        shapes = spec.featureMaps().stream().mapToInt(m -> m.anchors().size()).sum();
    }

    /** Returns the number of the anchor shape of each output row. */
    static int[] shapeOfRow(DetectorSpec spec) {
        int[] shape = new int[spec.rows()];
        int row = 0;
        int first = 0;
        for (FeatureMap map : spec.featureMaps()) {
            int n = map.anchors().size();
            for (int i = 0; i < map.rows(); i++) {
                shape[row++] = first + i % n;
            }
            first += n;
        }
        return shape;
    }

    /**
     * Writes a cache of a data set's photos, in its order. Photos that cannot be read get a size of 0.
     *
     * @return the photos that could be read
     */
    Dataset collect(Dataset data, Path folder, int threads, Path file, String identity, Runnable step)
            throws IOException {
        try (RowCache.Writer writer = new RowCache.Writer(file, data.photos().size(), shapes, identity)) {
            boolean[] written = new boolean[data.photos().size()];
            Dataset seen = PhotoPass.run(data, folder, threads, (index, photo, image) -> {
                add(writer, index, rows(image));
                written[index] = true;
            }, step);
            for (int i = 0; i < written.length; i++) {
                if (!written[i]) {
                    add(writer, i, new PhotoRows(0, 0, new float[0], new int[0], new int[0], new int[0], new int[0],
                            new float[0]));
                }
            }
            writer.finish();
            return seen;
        }
    }

    private static void add(RowCache.Writer writer, int index, PhotoRows rows) {
        try {
            writer.add(index, rows);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the rows of one photo. */
    PhotoRows rows(Image image) {
        HeadDecoder.Buffers own = buffers.get();
        try (Workspace workspace = detector.session().lease()) {
            encoder.encode(image, workspace.input());
            workspace.run();
            decoder.collect(workspace, own);
        }
        Candidates c = own.candidates();
        int n = c.size();
        int boxes = 0;
        for (int i = 0; i < n; i++) {
            boxes += i == 0 || c.row(i) != c.row(i - 1) ? 1 : 0;
        }
        float[] corners = new float[4 * boxes];
        int[] shape = new int[boxes];
        int[] row = new int[boxes];
        int[] classes = new int[n];
        int[] box = new int[n];
        float[] scores = new float[n];
        int at = -1;
        for (int i = 0; i < n; i++) {
            if (i == 0 || c.row(i) != c.row(i - 1)) {
                at++;
                row[at] = c.row(i);
                shape[at] = shapeOfRow[c.row(i)];
                System.arraycopy(c.boxes(), 4 * i, corners, 4 * at, 4);
            }
            classes[i] = c.classId(i);
            box[i] = at;
            scores[i] = c.score(i);
        }
        return new PhotoRows(image.width(), image.height(), corners, shape, row, classes, box, scores);
    }
}
