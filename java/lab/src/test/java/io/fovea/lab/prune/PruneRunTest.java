package io.fovea.lab.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Box;
import io.fovea.Detection;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxWriter;
import io.fovea.image.Image;
import io.fovea.lab.SharedFiles;
import io.fovea.lab.data.Category;
import io.fovea.lab.data.DataException;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.LabelMap;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.Problems;
import io.fovea.lab.data.Truth;
import io.fovea.lab.eval.ModelRun;
import io.fovea.zoo.Zoo;
import io.fovea.zoo.ZooEntry;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From photos on disk to a pruned model, and that the pruned model finds what the cached rows promised. */
class PruneRunTest {
    private static final AnchorSearch.Progress QUIET = (evaluated, waiting, front) -> {
    };
    private static final DetectorOptions ONE = DetectorOptions.builder().threads(1).kernels("scalar").build();
    private static final DetectorOptions VECTOR = DetectorOptions.builder().threads(1).kernels("vector").build();

    @TempDir
    Path folder;

    /** Draws pictures of coloured boxes; the objects are what the model itself finds best in them. */
    private Dataset made(Model model, int count, int size, DetectorOptions options) throws IOException {
        Random random = new Random(9);
        List<Photo> photos = new ArrayList<>();
        DetectorSpec spec = model.spec();
        List<Category> categories = new ArrayList<>();
        for (int c = 0; c < spec.classes().size(); c++) {
            if (c != spec.backgroundIndex()) {
                categories.add(new Category(c, spec.classes().get(c)));
            }
        }
        try (Detector detector = Detector.open(model, options)) {
            for (int p = 0; p < count; p++) {
                BufferedImage picture = new BufferedImage(size + p, size + 2 * p, BufferedImage.TYPE_INT_RGB);
                Graphics2D g = picture.createGraphics();
                for (int i = 0; i < 12; i++) {
                    g.setColor(new Color(random.nextInt(1 << 24)));
                    g.fillRect(random.nextInt(size), random.nextInt(size), random.nextInt(size / 2),
                            random.nextInt(size / 2));
                }
                g.dispose();
                ImageIO.write(picture, "png", folder.resolve(p + ".png").toFile());
                List<Truth> truths = new ArrayList<>();
                List<Detection> found = detector.detect(Image.read(folder.resolve(p + ".png")));
                for (int i = 0; i < Math.min(6, found.size()); i++) {
                    Box b = found.get(i).box();
                    truths.add(new Truth(10L * p + i + 1, found.get(i).classId(), b.x() + random.nextInt(3), b.y(),
                            b.width() + 1, b.height() + 1, (b.width() + 1) * (b.height() + 1), false, false));
                }
                photos.add(new Photo(p + 1, p + ".png", picture.getWidth(), picture.getHeight(), truths));
            }
        }
        return new Dataset("made", categories, photos, new Problems());
    }

    private static PruneRun.Options options(CostModel.Axis axis, int layerLimit, boolean timed) {
        return new PruneRun.Options(.5, .02, 1, axis, false, layerLimit, 2000, .01f, 2, timed);
    }

    @Test
    void prunesAndResumes() throws IOException {
        Model model = MadeModels.twoLevels(5, ScoreActivation.SIGMOID);
        Dataset data = made(model, 14, 60, ONE);
        Path out = folder.resolve("out");
        PruneRun.Options o = options(CostModel.Axis.MACS, 0, true);
        PruneReport first;
        try (PruneRun run = PruneRun.prepare(model, "five", data, folder, out, o, () -> {
        })) {
            assertEquals(7, run.searchPhotos());
            first = run.run(false, QUIET, () -> {
            });
            FrontFiles.write(first, model.spec(), out);
            Model pruned = run.pruned(first.chosen().candidate().kept());
            assertEquals(first.chosen().candidate().score().boxes(), pruned.spec().rows());
            assertEquals(first.chosenNetMacs(), io.fovea.graph.Cost.of(pruned.graph()).macs());
        }
        assertTrue(first.chosen().candidate().score().macs() <= first.base().candidate().score().macs());
        assertTrue(first.gainLow() <= first.gainHigh());
        assertNotNull(first.chosen().times());
        assertTrue(Files.size(out.resolve("front.png")) > 1000);
        assertEquals(first.front().size() + 1, Files.readAllLines(out.resolve("front.csv")).size());
        assertTrue(Files.readString(out.resolve("front.json")).contains("\"levels\""));
        Files.delete(folder.resolve("3.png"));
        try (PruneRun run = PruneRun.prepare(model, "five", data, folder, out, o, () -> {
            throw new AssertionError("the rows are there already");
        })) {
            PruneReport again = run.run(true, QUIET, () -> {
            });
            assertEquals(first.front().stream().map(FrontMember::candidate).toList(),
                    again.front().stream().map(FrontMember::candidate).toList());
            assertEquals(first.gain(), again.gain());
            assertEquals(first.gainLow(), again.gainLow());
        }
    }

    @Test
    void otherCostsAndModesRunToo() throws IOException {
        Model model = MadeModels.twoLevels(6, ScoreActivation.SOFTMAX);
        Dataset data = made(model, 8, 50, ONE);
        try (PruneRun run = PruneRun.prepare(model, "six", data, folder, folder.resolve("t"),
                options(CostModel.Axis.TIME, 1, false), () -> {
                })) {
            PruneReport r = run.run(false, QUIET, () -> {
            });
            assertTrue(r.front().stream().anyMatch(m -> m.candidate().kept().size() <= 2));
            assertTrue(r.base().candidate().score().millis() > 0);
        }
    }

    @Test
    void missingAndBrokenPhotosAreCounted() throws IOException {
        Model model = MadeModels.twoLevels(5, ScoreActivation.SIGMOID);
        Dataset data = made(model, 6, 50, ONE);
        Files.delete(folder.resolve("1.png"));
        Files.write(folder.resolve("2.png"), new byte[100]);
        try (PruneRun run = PruneRun.prepare(model, "five", data, folder, folder.resolve("o"),
                options(CostModel.Axis.BOXES, 0, false), () -> {
                })) {
            assertEquals(2, run.searchPhotos());
            assertEquals(1, data.problems().count(Problems.Kind.PHOTO_MISSING));
            assertEquals(1, data.problems().count(Problems.Kind.PHOTO_UNREADABLE));
        }
        for (int p : new int[]{0, 3, 4, 5}) {
            Files.delete(folder.resolve(p + ".png"));
        }
        assertThrows(DataException.class, () -> PruneRun.prepare(model, "five", data, folder, folder.resolve("p"),
                options(CostModel.Axis.BOXES, 0, false), () -> {
                }));
    }

    @Test
    void aPrunedMadeModelFindsWhatTheRowsPromise() throws IOException {
        Model model = MadeModels.twoLevels(5, ScoreActivation.SIGMOID);
        Dataset data = made(model, 10, 60, ONE);
        for (AnchorSet kept : List.of(AnchorSet.all(5), AnchorSet.of(5, 0, 2, 4), AnchorSet.of(5, 3))) {
            promised(model, data, kept, ONE);
        }
    }

    @Test
    void aPrunedRealModelFindsWhatTheRowsPromise() throws IOException {
        for (String name : new String[]{"face-detection-retail-0004", "person-vehicle-bike-detection-2002"}) {
            Model model = OnnxReader.read(SharedFiles.need("models/" + name + ".onnx"));
            Dataset data = made(model, 2, 200, VECTOR);
            int shapes = MadeModels.shapes(model);
            promised(model, data,
                    AnchorSet.of(shapes, IntStream.range(0, shapes).filter(i -> i % 3 != 1).toArray()), VECTOR);
        }
    }

    @Test
    void prunedZooModelsFindWhatTheRowsPromise() throws IOException {
        List<ZooEntry> cached = Zoo.standard().list().stream().filter(ZooEntry::cached).toList();
        Assumptions.assumeTrue(!cached.isEmpty(), "skipped: no model of the zoo is cached on this machine");
        for (ZooEntry entry : cached) {
            Model model = OnnxReader.read(Zoo.standard().fetch(entry.name()));
            int shapes = MadeModels.shapes(model);
            promised(model, made(model, 1, 300, VECTOR),
                    AnchorSet.of(shapes, IntStream.range(0, shapes).filter(i -> i % 5 < 3).toArray()), VECTOR);
        }
    }

    /** The sliced model, written and read back, is judged as the cached rows of the whole model say. */
    private void promised(Model model, Dataset data, AnchorSet kept, DetectorOptions options) throws IOException {
        Path file = folder.resolve("sliced.onnx");
        OnnxWriter.write(HeadRewriter.keepAnchors(model, kept), file);
        int[] all = IntStream.range(0, data.photos().size()).toArray();
        DetectorSpec spec = model.spec();
        float threshold = spec.nms().scoreThreshold();
        Path rows = folder.resolve("all.cache");
        try (Detector whole = Detector.open(model, options); Detector sliced = Detector.open(file, options)) {
            new RowCollector(whole, threshold).collect(data, folder, 2, rows, "all", () -> {
            });
            double judged = ModelRun.judge(sliced, null, data, folder, 1, () -> {
            }).result().figures().ap();
            try (RowCache cache = RowCache.open(rows, "all")) {
                ScoringData scoring = new ScoringData(cache, all, data.photos(),
                        LabelMap.of(spec.classes(), spec.backgroundIndex(), data), spec.input().width(),
                        spec.input().height(), spec.nms().iouThreshold(), 1);
                assertEquals(judged, new CachedScorer(scoring, spec.nms(), 1).score(kept), 1e-9,
                        spec.name() + " kept " + kept);
            }
        }
    }
}
