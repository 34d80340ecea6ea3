package io.fovea.run;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fovea.format.Model;
import io.fovea.graph.Shape;
import io.fovea.sites.Mask;
import io.fovea.testing.DenseNet;
import io.fovea.testing.GatedNet;
import io.fovea.testing.Masks;
import io.fovea.testing.OnnxPeer;
import io.fovea.testing.Tiers;
import io.fovea.testing.Values;
import io.fovea.testing.ZooNets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The zoo's nets with their real weights against ONNX Runtime on the file that it is given. */
class WholeNetTest {
    private static final double DENSE = 1e-4;
    private static final double EXACT = 1e-3;
    private static final Map<String, OnnxPeer> PEERS = new HashMap<>();

    static List<String> nets() {
        return ZooNets.NAMES;
    }

    @AfterAll
    static void closePeers() {
        PEERS.values().forEach(OnnxPeer::close);
        PEERS.clear();
    }

    private static Map<String, float[]> peer(String name, float[] nhwc, Shape shape) {
        return PEERS.computeIfAbsent(name, n -> new OnnxPeer(ZooNets.file(n)))
                .run(Values.channelsFirst(nhwc, shape), shape);
    }

    private static float[] noise(Shape shape, long seed) {
        Random random = new Random(seed);
        float[] nhwc = new float[shape.values()];
        for (int i = 0; i < nhwc.length; i++) {
            nhwc[i] = random.nextFloat() * 2 - 1;
        }
        return nhwc;
    }

    /** Returns whether plain loops, which need a second for a GMAC, take too long for a net. */
    private static boolean isLarge(Shape input) {
        return input.sites() > 100_000;
    }

    private static Map<String, float[]> outputs(Workspace workspace, Session session) {
        Map<String, float[]> outputs = new LinkedHashMap<>();
        session.plan().outputs().forEach(o -> outputs.put(o.name(), workspace.output(o.name())));
        return outputs;
    }

    private static void fill(Workspace workspace, float[] nhwc) {
        MemorySegment.copy(nhwc, 0, workspace.input(), ValueLayout.JAVA_FLOAT, 0, nhwc.length);
    }

    private static Map<String, float[]> dense(Session session, float[] nhwc) {
        try (Workspace workspace = session.lease()) {
            fill(workspace, nhwc);
            workspace.run();
            return outputs(workspace, session);
        }
    }

    private static void same(Map<String, float[]> want, Map<String, float[]> got, String what) {
        want.forEach((name, values) -> Values.assertSameBits(values, got.get(name), what + ", output " + name));
    }

    private static void close(Map<String, float[]> want, Map<String, float[]> got, double bound, String what) {
        want.forEach((name, values) -> Values.assertClose(values, got.get(name), bound, false,
                what + ", output " + name));
    }

    @ParameterizedTest
    @MethodSource("nets")
    void rawOutputsEqualOnnxRuntime(String name) {
        Model model = ZooNets.model(name);
        Shape shape = model.graph().inputShape();
        float[] photo = ZooNets.photoInput(model);
        float[] noise = noise(shape, 7);
        Map<String, float[]> wantPhoto = peer(name, photo, shape);
        Map<String, float[]> wantNoise = peer(name, noise, shape);
        for (String tier : isLarge(shape) ? Tiers.fast() : Tiers.here()) {
            Map<String, float[]> first = null;
            for (int threads = 1; threads <= 2; threads++) {
                if (tier.equals("scalar") && threads == 1) {
                    continue;
                }
                String what = name + ", " + tier + ", threads " + threads;
                try (Session session = Session.open(model.graph(), new SessionOptions(threads, tier))) {
                    Map<String, float[]> got = dense(session, photo);
                    close(wantPhoto, got, DENSE, what + ", photo");
                    if (tier.equals("scalar")) {
                        continue;
                    }
                    same(got, dense(session, photo), what + ", second run");
                    close(wantNoise, dense(session, noise), DENSE, what + ", noise 7");
                    same(got, dense(session, photo), what + ", run after another input");
                    if (first != null) {
                        same(first, got, what + " against 1 thread");
                    }
                    first = got;
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("nets")
    void exactModeEqualsOnnxRuntimeOnTheComposite(String name) {
        Model model = ZooNets.model(name);
        Shape shape = model.graph().inputShape();
        float[] photo = ZooNets.photoInput(model);
        float[] reference = noise(shape, 11);
        Map<String, Mask> masks = Masks.all(shape.height(), shape.width(), 8, 5);
        Map<String, Map<String, float[]>> want = new LinkedHashMap<>();
        masks.forEach((kind, mask) -> want.put(kind,
                peer(name, MaskedRunTest.composite(mask, shape, photo, reference), shape)));
        for (String tier : Tiers.fast()) {
            try (Session session = Session.open(model.graph(), new SessionOptions(2, tier));
                    Workspace workspace = session.lease()) {
                Gating exact = Gating.exact(background(session, reference));
                masks.forEach((kind, mask) -> {
                    fill(workspace, photo);
                    workspace.run(mask, exact);
                    close(want.get(kind), outputs(workspace, session), EXACT, name + ", " + tier + ", mask " + kind);
                });
            }
        }
    }

    private static ReferenceBackground background(Session session, float[] nhwc) {
        return ReferenceBackground.of("reference", session,
                input -> MemorySegment.copy(nhwc, 0, input, ValueLayout.JAVA_FLOAT, 0, nhwc.length));
    }

    @ParameterizedTest
    @MethodSource("nets")
    void fullMaskIsTheDenseRunBitForBit(String name) {
        Model model = ZooNets.model(name);
        Shape shape = model.graph().inputShape();
        float[] photo = ZooNets.photoInput(model);
        Mask full = Mask.uniform(shape.height(), shape.width(), 8, true);
        for (String tier : Tiers.fast()) {
            for (int threads = 1; threads <= 2; threads++) {
                String what = name + ", " + tier + ", threads " + threads;
                try (Session session = Session.open(model.graph(), new SessionOptions(threads, tier));
                        Workspace workspace = session.lease()) {
                    Map<String, float[]> want = dense(session, photo);
                    ReferenceBackground background = background(session, noise(shape, 11));
                    for (Gating gating : List.of(Gating.gated(background), Gating.exact(background))) {
                        fill(workspace, photo);
                        workspace.run(full, gating);
                        same(want, outputs(workspace, session), what + ", " + gating.mode());
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("nets")
    void gatedModeEqualsTheOverwrittenNet(String name) {
        Model model = ZooNets.model(name);
        Shape shape = model.graph().inputShape();
        assumeTrue(!isLarge(shape), "SKIPPED " + name + ": too large for the plain interpreter");
        float[] photo = ZooNets.photoInput(model);
        float[] reference = noise(shape, 11);
        Mask mask = Masks.blobs(shape.height(), shape.width(), 8, new Random(3));
        Map<String, float[]> want = null;
        for (String tier : Tiers.fast()) {
            try (Session session = Session.open(model.graph(), new SessionOptions(2, tier));
                    Workspace workspace = session.lease()) {
                if (want == null) {
                    Map<String, double[]> rows = DenseNet.run(session.plan().graph(), reference);
                    want = new GatedNet(session.plan().graph(), mask, Gating.DEFAULT_COARSE_SHARE).run(photo,
                            (value, site, channel) -> rows
                                    .get(value)[site * session.plan().graph().shape(value).channels() + channel],
                            true);
                }
                fill(workspace, photo);
                workspace.run(mask, Gating.gated(background(session, reference)));
                close(want, outputs(workspace, session), DENSE, name + ", " + tier + ", " + Masks.text(mask));
            }
        }
    }
}
