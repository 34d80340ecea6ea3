package io.fovea.train.gate;

import io.fovea.Detection;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.format.Model;
import io.fovea.graph.Shape;
import io.fovea.image.Image;
import io.fovea.image.InputEncoder;
import io.fovea.lab.data.Truth;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.Workspace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the dense detector and the small run on photos. Thread-safe; close it. */
final class PhotoReader implements AutoCloseable {
    private final Detector detector;
    private final Trunk trunk;
    private final Session small;
    private final InputEncoder encoder;

    /**
     * Opens both nets.
     *
     * @param least score below which detections are not kept
     */
    PhotoReader(Model model, Trunk trunk, float least, int threads, String kernels) {
        this.trunk = trunk;
        Shape in = trunk.graph().inputShape();
        encoder = model.spec().input().encoder(in.width(), in.height());
        detector = Detector.open(model, DetectorOptions.builder().threads(threads).kernels(kernels)
                .scoreThreshold(least).headGate(false).build());
        try {
            small = trunk.learns() ? null : Session.open(trunk.graph(), new SessionOptions(threads, kernels));
        } catch (RuntimeException e) {
            detector.close();
            throw e;
        }
    }

    /** Returns what is kept of a photo; {@code truths} are in its pixels. */
    GateSample read(Path file, Image photo, List<Truth> truths) {
        List<Mark> marks = new ArrayList<>();
        float sx = (float) detector.spec().input().width() / photo.width();
        float sy = (float) detector.spec().input().height() / photo.height();
        for (Detection d : detector.detect(photo)) {
            marks.add(new Mark(d.box().x() * sx, d.box().y() * sy, (d.box().x() + d.box().width()) * sx,
                    (d.box().y() + d.box().height()) * sy, d.score(), Mark.Kind.FOUND));
        }
        for (Truth t : truths) {
            marks.add(new Mark((float) t.x() * sx, (float) t.y() * sy, (float) (t.x() + t.width()) * sx,
                    (float) (t.y() + t.height()) * sy, 1, t.crowd() ? Mark.Kind.CROWD : Mark.Kind.TRUTH));
        }
        return new GateSample(file, maps(photo, false), maps(photo, true), List.copyOf(marks));
    }

    /** Returns what is kept of a photo, float16: the maps that the gate reads, or the small picture. */
    short[][] maps(Image photo, boolean mirrored) {
        if (small == null) {
            return new short[][]{picture(photo, mirrored)};
        }
        try (Workspace workspace = small.lease()) {
            encoder.encode(photo, workspace.input());
            if (mirrored) {
                mirror(workspace.input(), trunk.graph().inputShape());
            }
            workspace.run();
            short[][] maps = new short[trunk.reads().size()][];
            for (int m = 0; m < maps.length; m++) {
                float[] values = workspace.output(trunk.reads().get(m));
                maps[m] = new short[values.length];
                for (int i = 0; i < values.length; i++) {
                    maps[m][i] = Float.floatToFloat16(values[i]);
                }
            }
            return maps;
        }
    }

    private short[] picture(Image photo, boolean mirrored) {
        Shape shape = trunk.graph().inputShape();
        MemorySegment rows = MemorySegment.ofArray(new float[shape.values()]);
        encoder.encode(photo, rows);
        if (mirrored) {
            mirror(rows, shape);
        }
        short[] planes = new short[shape.values()];
        int channels = shape.channels();
        for (int i = 0; i < planes.length; i++) {
            planes[i % channels * shape.sites() + i / channels] = Float
                    .floatToFloat16(rows.getAtIndex(ValueLayout.JAVA_FLOAT, i));
        }
        return planes;
    }

    private static void mirror(MemorySegment rows, Shape shape) {
        int channels = shape.channels();
        for (int y = 0; y < shape.height(); y++) {
            for (int x = 0; x < shape.width() / 2; x++) {
                long a = (long) (y * shape.width() + x) * channels;
                long b = (long) (y * shape.width() + shape.width() - 1 - x) * channels;
                for (int c = 0; c < channels; c++) {
                    float left = rows.getAtIndex(ValueLayout.JAVA_FLOAT, a + c);
                    rows.setAtIndex(ValueLayout.JAVA_FLOAT, a + c, rows.getAtIndex(ValueLayout.JAVA_FLOAT, b + c));
                    rows.setAtIndex(ValueLayout.JAVA_FLOAT, b + c, left);
                }
            }
        }
    }

    @Override
    public void close() {
        detector.close();
        if (small != null) {
            small.close();
        }
    }
}
