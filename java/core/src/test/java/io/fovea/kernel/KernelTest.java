package io.fovea.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Seeds;
import io.fovea.graph.Activation;
import io.fovea.graph.Op;
import io.fovea.graph.Window;
import io.fovea.testing.Values;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layer of every tier against whole-map arithmetic in double precision. */
class KernelTest {
    /** Names the tiers to test, with commas between; all that run here when absent. */
    static final String TIERS_PROPERTY = "fovea.test.tier";
    /**
     * Only every n-th case is run, for emulated processors. 5 has no factor in common with the lengths of the nested lists but one, so that
     * each of their entries (tile edges, windows, shares, kinds) still comes up with many of the others.
     */
    private static final int EVERY = Integer.getInteger("fovea.test.every", 1);
    private static int cases;
    private static final int[] CHANNELS = {1, 3, 8, 15, 16, 17, 31, 32, 33, 48, 64, 65, 96};
    private static final double[] SHARES = {0, 0.05, 0.5, 1};

    static Stream<String> tiers() {
        String named = System.getProperty(TIERS_PROPERTY);
        return KernelTiers.names().stream().filter(t -> named == null || List.of(named.split(",")).contains(t))
                .filter(KernelTest::runsHere);
    }

    private static boolean runsHere(String tier) {
        try {
            KernelTiers.find(tier);
            return true;
        } catch (IllegalStateException e) {
            System.out.println("SKIPPED " + tier + ": " + e.getMessage());
            return false;
        }
    }

    @Test
    void scalarAndVectorAreAlwaysThere() {
        assertTrue(runsHere("scalar") && runsHere("vector"), "tiers: " + tiers().toList());
    }

    @ParameterizedTest
    @MethodSource("tiers")
    void pointwiseAroundTileEdges(String tier) {
        for (int rows : new int[]{1, 2, 5, 6, 7, 11, 12, 13, 14, 23, 24, 25, 47, 48, 49, 100}) {
            for (int in : new int[]{1, 3, 16, 33}) {
                for (int out : CHANNELS) {
                    check(tier, () -> conv(in, out, Window.POINTWISE, 1, out % 2 == 0, out), null, rows, 1, 1, false,
                            out);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("tiers")
    void rowWiseLayers(String tier) {
        Random random = new Random(3);
        for (int channels : CHANNELS) {
            for (int rows : new int[]{1, 2, 7, 63, 64, 65, 300}) {
                for (Activation.Kind kind : Activation.Kind.values()) {
                    Activation act = kind == Activation.Kind.CLIP
                            ? Activation.clip(-0.5f, 0.7f)
                            : new Activation(kind, kind == Activation.Kind.POWER ? 2f : 0.3f, 0.4f);
                    check(tier, () -> new Layer.Activate(channels, act), null, rows, 1, 1, false, channels);
                }
                float[] k = Values.gaussian(random, channels, 0.5);
                check(tier, () -> new Layer.PRelu(channels, k), null, rows, 1, 1, false, channels);
                check(tier, () -> new Layer.Affine(channels, k, k), null, rows, 1, 1, false, channels);
                check(tier, () -> new Layer.SelectColumns(channels, random.ints(channels + 3, 0, channels).toArray()),
                        null,
                        rows, 1, 1, false, channels);
                for (Op.Binary.Kind kind : Op.Binary.Kind.values()) {
                    check(tier,
                            () -> new Layer.Binary(channels, kind, rows % 2 == 0, channels > 1 && channels % 2 == 0),
                            null,
                            rows, 1, 1, false, channels);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("tiers")
    void depthwiseOfAllKernelsAndStrides(String tier) {
        for (int channels : CHANNELS) {
            for (int size : new int[]{1, 2, 5, 6, 9}) {
                for (Window window : windows(size)) {
                    for (double share : SHARES) {
                        check(tier, () -> conv(channels, channels, window, channels, false, size), window, size, size,
                                share,
                                share < 0.3, channels + size);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("tiers")
    void convolutionThroughTable(String tier) {
        for (int in : new int[]{3, 8, 17}) {
            for (int out : new int[]{1, 16, 33}) {
                for (int size : new int[]{1, 4, 7}) {
                    for (Window window : windows(size)) {
                        for (double share : SHARES) {
                            check(tier, () -> conv(in, out, window, 1, in == 8, in + out), window, size, size + 1,
                                    share,
                                    share > 0.3, in * out + size);
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("tiers")
    void firstLayerOfAPhoto(String tier) {
        Window window = Window.same(3, 2, 20, 22);
        checkAlways(tier, conv(3, 32, window, 1, false, 7), window, 20, 22, 1, false, 7);
        Window odd = Window.same(3, 2, 21, 19);
        checkAlways(tier, conv(3, 24, odd, 1, false, 8), odd, 21, 19, 1, false, 8);
    }

    @ParameterizedTest
    @MethodSource("tiers")
    void rowWiseLayersAndPools(String tier) {
        for (int channels : CHANNELS) {
            check(tier, () -> new Layer.Add(channels, Activation.RELU), null, 9, 3, 1, false, channels);
            check(tier, () -> new Layer.Add(channels, Activation.NONE), null, 70, 3, 1, false, channels);
            for (Activation.Kind kind : Activation.Kind.values()) {
                float alpha = kind == Activation.Kind.POWER ? 2f : 0.2f;
                check(tier, () -> new Layer.Activate(channels, new Activation(kind, alpha, 0.5f)), null, 5, 5, 1, false,
                        channels);
            }
            check(tier, () -> new Layer.Affine(channels, values(channels, 1), values(channels, 2)), null, 5, 3, 1,
                    false,
                    channels);
            Window two = Window.square(3, 2, 1);
            for (double share : SHARES) {
                check(tier, () -> new Layer.Pool(channels, two, true, false), two, 7, 6, share, true, channels);
                check(tier, () -> new Layer.Pool(channels, two, false, true), two, 6, 7, share, false, channels);
                check(tier, () -> new Layer.Pool(channels, two, false, false), two, 7, 7, share, true, channels);
                Window all = new Window(6, 5, 1, 1, 0, 0, 0, 0, 1, 1);
                check(tier, () -> new Layer.Pool(channels, all, false, false), all, 6, 5, share, true, channels);
                check(tier, () -> new Layer.Pool(channels, all, false, false), all, 6, 5, share, false, channels);
            }
        }
    }

    @Property(seed = Seeds.BUILD, tries = 150)
    void anyConvolution(@ForAll @IntRange(min = 1, max = 40) int in, @ForAll @IntRange(min = 1, max = 70) int out,
            @ForAll @IntRange(min = 1, max = 3) int half, @ForAll @IntRange(min = 1, max = 2) int stride,
            @ForAll @IntRange(min = 1, max = 12) int height, @ForAll @IntRange(min = 1, max = 12) int width,
            @ForAll @IntRange(min = 0, max = 1_000_000) int seed) {
        Random random = new Random(seed);
        Window window = Window.same(2 * half - 1, stride, height, width);
        boolean depthwise = random.nextInt(3) == 0;
        Layer layer = conv(in, depthwise ? in : out, window, depthwise ? in : 1, random.nextBoolean(), seed);
        boolean tableless = ((Layer.Conv) layer).isPointwise();
        for (String tier : tiers().toList()) {
            check(tier, () -> layer, tableless ? null : window, height, width, random.nextDouble(),
                    random.nextBoolean(),
                    seed);
        }
    }

    private static List<Window> windows(int size) {
        return List.of(Window.same(3, 1, size, size), Window.same(3, 2, size, size), Window.same(5, 1, size, size),
                Window.same(5, 2, size, size), Window.same(1, 2, size, size),
                new Window(3, 3, 1, 1, 2, 2, 2, 2, 2, 2));
    }

    private static Layer.Conv conv(int in, int out, Window window, int groups, boolean residual, long seed) {
        Activation activation = switch ((int) (seed % 5)) {
            case 0 -> Activation.NONE;
            case 1 -> Activation.RELU6;
            case 2 -> Activation.RELU;
            case 3 -> Activation.of(Activation.Kind.HARD_SWISH);
            default -> new Activation(Activation.Kind.ELU, 0.7f, 0f);
        };
        return new Layer.Conv(in, out, window, groups, values(out * (in / groups) * window.taps(), seed),
                values(out, seed + 1), activation, residual);
    }

    private static float[] values(int n, long seed) {
        Random random = new Random(seed);
        float[] v = new float[n];
        for (int i = 0; i < n; i++) {
            v[i] = (float) random.nextGaussian();
        }
        return v;
    }

    private static void check(String tier, Supplier<Layer> made, Window window, int height, int width, double share,
            boolean perSite, long seed) {
        if (cases++ % EVERY == 0) {
            checkAlways(tier, made.get(), window, height, width, share, perSite, seed);
        }
    }

    private static void checkAlways(String tier, Layer layer, Window window, int height, int width, double share,
            boolean perSite, long seed) {
        try (Arena arena = Arena.ofConfined()) {
            KernelTier first = KernelTiers.find(tier).getFirst();
            Optional<RowKernel> kernel = first.prepare(layer, arena);
            if (kernel.isPresent()) {
                new KernelCase(layer, window, height, width, share, perSite, seed, arena).check(kernel.get());
            } else if (layer instanceof Layer.Conv conv && !conv.activation().isClip()) {
                checkAlways(tier, conv.with(Activation.NONE), window, height, width, share, perSite, seed);
            }
        }
    }
}
