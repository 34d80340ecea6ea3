package io.fovea.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Seeds;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class InputEncoderTest {
    private static final float[] ZERO = {0, 0, 0};
    private static final float[] ONE = {1, 1, 1};

    private static float[] encode(Image image, int width, int height, Resize resize) {
        return encode(image, new InputEncoder(width, height, resize, ColorOrder.RGB, ZERO, ONE));
    }

    private static float[] encode(Image image, InputEncoder encoder) {
        float[] out = new float[encoder.width() * encoder.height() * 3];
        encoder.encode(image, MemorySegment.ofArray(out));
        return out;
    }

    /** One row of grey pixels. */
    private static Image row(int... values) {
        byte[] rgb = new byte[3 * values.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) values[i / 3];
        }
        return Image.ofRgb(rgb, values.length, 1, rgb.length);
    }

    private static float[] firstChannel(float[] tensor) {
        float[] channel = new float[tensor.length / 3];
        for (int i = 0; i < channel.length; i++) {
            channel[i] = tensor[3 * i];
        }
        return channel;
    }

    @Test
    void casesByHand() {
        Image two = row(0, 100);
        // source = target / 2: 0, .5, 1, 1.5 (edge)
        assertArrayEquals(new float[]{0, 50, 100, 100},
                firstChannel(encode(two, 4, 1, Resize.BILINEAR_ASYMMETRIC)));
        // source = (target + .5) / 2 - .5: -.25, .25, .75, 1.25
        assertArrayEquals(new float[]{0, 25, 75, 100}, firstChannel(encode(two, 4, 1, Resize.BILINEAR)));
        assertArrayEquals(new float[]{0, 25, 75, 100}, firstChannel(encode(two, 4, 1, Resize.BILINEAR_ANTIALIAS)));
        Image four = row(10, 20, 40, 80);
        // source = 0, 2
        assertArrayEquals(new float[]{10, 40}, firstChannel(encode(four, 2, 1, Resize.BILINEAR_ASYMMETRIC)));
        // source = .5, 2.5
        assertArrayEquals(new float[]{15, 60}, firstChannel(encode(four, 2, 1, Resize.BILINEAR)));
        // weights .75 .75 .25 | .25 .75 .75 over 1.75: 18.57, 54.29
        assertArrayEquals(new float[]{19, 54}, firstChannel(encode(four, 2, 1, Resize.BILINEAR_ANTIALIAS)));
    }

    @Test
    void theSameSizeIsACopy() {
        Image image = Pictures.noise(13, 7, 3);
        for (Resize resize : Resize.values()) {
            float[] tensor = encode(image, 13, 7, resize);
            for (int i = 0; i < 13 * 7; i++) {
                int rgb = image.rgb(i % 13, i / 13);
                assertEquals(rgb, (int) tensor[3 * i] << 16 | (int) tensor[3 * i + 1] << 8 | (int) tensor[3 * i + 2],
                        resize + " at " + i);
            }
        }
    }

    @Test
    void channelOrderMeanAndScale() {
        Image pixel = Image.ofRgb(new byte[]{10, 20, 30}, 1, 1, 3);
        float[] mean = {1, 2, 3};
        float[] scale = {2, 0.5f, -1};
        for (Resize resize : Resize.values()) {
            assertArrayEquals(new float[]{18, 9, -27},
                    encode(pixel, new InputEncoder(1, 1, resize, ColorOrder.RGB, mean, scale)));
            assertArrayEquals(new float[]{58, 9, -7},
                    encode(pixel, new InputEncoder(1, 1, resize, ColorOrder.BGR, mean, scale)));
        }
    }

    @Property(seed = Seeds.BUILD, tries = 150)
    void agreesWithTheFormulaInDoublePrecision(@ForAll @IntRange(min = 1, max = 60) int sourceWidth,
            @ForAll @IntRange(min = 1, max = 60) int sourceHeight, @ForAll @IntRange(min = 1, max = 70) int width,
            @ForAll @IntRange(min = 1, max = 70) int height, @ForAll boolean halfPixel, @ForAll long seed) {
        Image image = Pictures.noise(sourceWidth, sourceHeight, seed);
        float[] tensor = encode(image, width, height, halfPixel ? Resize.BILINEAR : Resize.BILINEAR_ASYMMETRIC);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    double expected = sample(image, position(x, sourceWidth, width, halfPixel),
                            position(y, sourceHeight, height, halfPixel), c);
                    assertEquals(expected, tensor[(y * width + x) * 3 + c], 2e-3,
                            () -> sourceWidth + "x" + sourceHeight + " -> " + width + "x" + height + ", seed " + seed);
                }
            }
        }
    }

    @Property(seed = Seeds.BUILD, tries = 200)
    void vectorsInterpolateAsTheOracleDoes(@ForAll @IntRange(min = 1, max = 60) int sourceWidth,
            @ForAll @IntRange(min = 1, max = 70) int width, @ForAll @IntRange(min = 1, max = 3) int rows,
            @ForAll boolean halfPixel, @ForAll long seed) {
        byte[] rgb = new byte[3 * sourceWidth * rows];
        new Random(seed).nextBytes(rgb);
        Bilinear.Axis axis = Bilinear.Axis.of(sourceWidth, width, halfPixel);
        float[] want = new float[3 * width];
        float[] got = new float[3 * width];
        for (int row = 0; row < rows; row++) {
            new ScalarLerp().across(rgb, 3 * sourceWidth * row, axis, 0, width, want);
            new VectorLerp().across(rgb, 3 * sourceWidth * row, axis, 0, width, got);
            assertArrayEquals(want, got, sourceWidth + " -> " + width + ", row " + row + ", seed " + seed);
        }
    }

    private static double position(int target, int in, int out, boolean halfPixel) {
        double scale = (double) in / out;
        return halfPixel ? (target + 0.5) * scale - 0.5 : target * scale;
    }

    /** Sum over all pixels of pixel times hat function, positions clamped to the picture. */
    private static double sample(Image image, double x, double y, int channel) {
        double atX = Math.max(0, Math.min(image.width() - 1, x));
        double atY = Math.max(0, Math.min(image.height() - 1, y));
        double sum = 0;
        for (int v = (int) atY; v <= Math.min(image.height() - 1, (int) atY + 1); v++) {
            for (int u = (int) atX; u <= Math.min(image.width() - 1, (int) atX + 1); u++) {
                double weight = Math.max(0, 1 - Math.abs(u - atX)) * Math.max(0, 1 - Math.abs(v - atY));
                sum += weight * (image.rgb(u, v) >> 16 - 8 * channel & 0xFF);
            }
        }
        return sum;
    }

    @Property(seed = Seeds.BUILD, tries = 60)
    void antialiasIsATriangleFilterWithinRounding(@ForAll @IntRange(min = 1, max = 50) int sourceWidth,
            @ForAll @IntRange(min = 1, max = 50) int sourceHeight, @ForAll @IntRange(min = 1, max = 40) int width,
            @ForAll @IntRange(min = 1, max = 40) int height, @ForAll long seed) {
        Image image = Pictures.noise(sourceWidth, sourceHeight, seed);
        float[] tensor = encode(image, width, height, Resize.BILINEAR_ANTIALIAS);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double[] across = triangle(x, sourceWidth, width);
                double[] down = triangle(y, sourceHeight, height);
                double sum = 0;
                for (int v = 0; v < sourceHeight; v++) {
                    for (int u = 0; u < sourceWidth; u++) {
                        sum += across[u] * down[v] * (image.rgb(u, v) & 0xFF);
                    }
                }
                // two passes, each rounded to a whole number
                assertEquals(sum, tensor[(y * width + x) * 3 + 2], 1.01,
                        () -> sourceWidth + "x" + sourceHeight + " -> " + width + "x" + height + ", seed " + seed);
            }
        }
    }

    private static double[] triangle(int target, int in, int out) {
        double scale = (double) in / out;
        double radius = Math.max(1, scale);
        double center = (target + 0.5) * scale;
        double[] weights = new double[in];
        for (int i = 0; i < in; i++) {
            weights[i] = Math.max(0, 1 - Math.abs(i + 0.5 - center) / radius);
        }
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(w -> w / sum).toArray();
    }

    /** The resource's maker is make_golden.py beside it. */
    @Test
    void antialiasEqualsPillow() throws IOException {
        int cases = 0;
        var resource = InputEncoderTest.class.getResourceAsStream("resize-pillow.txt");
        assertNotNull(resource);
        try (var lines = new BufferedReader(new InputStreamReader(resource, StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ");
                int[] size = Arrays.stream(words, 0, 4).mapToInt(Integer::parseInt).toArray();
                byte[] expected = Base64.getDecoder().decode(words[4]);
                float[] found = encode(made(size[0], size[1]), size[2], size[3], Resize.BILINEAR_ANTIALIAS);
                assertEquals(expected.length, found.length);
                for (int i = 0; i < found.length; i++) {
                    assertEquals(expected[i] & 0xFF, found[i], Arrays.toString(size) + " at " + i);
                }
                cases++;
            }
        }
        assertEquals(11, cases);
    }

    private static Image made(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            int c = i % 3;
            int x = i / 3 % width;
            int y = i / 3 / width;
            rgb[i] = (byte) (x * x * 7 + y * 13 + x * y * 3 + c * 71 ^ x * 5 + y * 11 + c);
        }
        return Image.ofRgb(rgb, width, height, 3 * width);
    }

    @Test
    void anyMemoryButOfTheRightSize() {
        Image image = Pictures.noise(20, 30, 5);
        for (Resize resize : Resize.values()) {
            var encoder = new InputEncoder(8, 6, resize, ColorOrder.BGR, new float[]{1, 2, 3}, ONE);
            float[] expected = encode(image, encoder);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment aside = arena.allocate(encoder.byteSize() + 1).asSlice(1);
                encoder.encode(image, aside);
                assertArrayEquals(expected, aside.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
                assertThrows(IllegalArgumentException.class,
                        () -> encoder.encode(image, aside.asSlice(0, encoder.byteSize() - 4)));
                assertThrows(IllegalArgumentException.class,
                        () -> encoder.encode(image, arena.allocate(encoder.byteSize() + 4)));
            }
        }
        assertThrows(IllegalArgumentException.class,
                () -> new InputEncoder(0, 6, Resize.BILINEAR, ColorOrder.BGR, ZERO, ONE));
        assertThrows(IllegalArgumentException.class,
                () -> new InputEncoder(8, 6, Resize.BILINEAR, ColorOrder.BGR, new float[2], ONE));
    }

    @Test
    void threadsShareAnEncoder() throws Exception {
        for (Resize resize : Resize.values()) {
            var encoder = new InputEncoder(31, 29, resize, ColorOrder.RGB, ZERO, ONE);
            var images = new ArrayList<Image>();
            var expected = new ArrayList<float[]>();
            for (int i = 0; i < 12; i++) {
                Image image = Pictures.noise(10 + 7 * i, 90 - 5 * i, i);
                images.add(image);
                expected.add(encode(image, 31, 29, resize));
            }
            try (var pool = Executors.newFixedThreadPool(4)) {
                var jobs = new ArrayList<Callable<float[]>>();
                for (int i = 0; i < 120; i++) {
                    Image image = images.get(i % 12);
                    jobs.add(() -> encode(image, encoder));
                }
                var results = pool.invokeAll(jobs);
                for (int i = 0; i < 120; i++) {
                    assertArrayEquals(expected.get(i % 12), results.get(i).get(), resize + ", picture " + i % 12);
                }
            }
        }
    }

    @Test
    void aSteadyStateAllocatesNothingOfAPicturesSize() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        Image image = Pictures.noise(320, 240, 1);
        float[] out = new float[100 * 100 * 3];
        MemorySegment segment = MemorySegment.ofArray(out);
        for (Resize resize : Resize.values()) {
            var encoder = new InputEncoder(100, 100, resize, ColorOrder.RGB, ZERO, ONE);
            encoder.encode(image, segment);
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10; i++) {
                encoder.encode(image, segment);
            }
            long each = (threads.getCurrentThreadAllocatedBytes() - before) / 10;
            assertTrue(each < 20_000, resize + " allocates " + each + " bytes a call");
        }
    }
}
