package io.fovea.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.DetectorSpec;
import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxWriter;
import io.fovea.graph.Activation;
import io.fovea.graph.GraphBuilder;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.image.ColorOrder;
import io.fovea.image.Resize;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the commands of docs/guide.md as they stand there, one after the other, with a small detector of red squares in place of what Python
 * would export; only training is cut short.
 */
class GuideTest {
    private static final int SIDE = 128;
    private static final int PHOTOS = 120;
    private static final String MODEL = "ssdlite320_mobilenet_v3_large.onnx";

    @TempDir
    Path folder;

    private final Random random = new Random(4);

    /** Halved four times; each cell of the 8x8 map that is red on average gives two boxes, of which the tall one is never right. */
    private static Model squares() {
        GraphBuilder g = new GraphBuilder("squares", "image", new Shape(SIDE, SIDE, 3));
        float[] mean = new float[9 * 4];
        for (int i = 0; i < 12; i++) {
            mean[i / 4 * 12 + i / 4 * 4 + i % 4] = .25f;
        }
        String x = "image";
        for (int stride = 2; stride <= 16; stride *= 2) {
            x = g.add("half" + stride, new Op.Conv(Window.square(2, 2, 0), 1, 3, mean, new float[3], Activation.RELU),
                    "x" + stride, x);
        }
        float[] red = {0, 0, 0, 30, -15, 0, 0, 0, 0, 20, -15, 0};
        g.add("score", new Op.Conv(Window.POINTWISE, 1, 4, red, new float[]{0, -12, 0, -14}, Activation.NONE), "s", x);
        g.add("scores", new Op.HeadRows(2), "scores", "s");
        g.add("box", new Op.Conv(Window.POINTWISE, 1, 8, new float[24], new float[8], Activation.NONE), "b", x);
        g.add("boxes", new Op.HeadRows(4), "boxes", "b");
        float scale = 1f / 255;
        DetectorSpec spec = new DetectorSpec("squares", null,
                new DetectorSpec.InputSpec("image", SIDE, SIDE, ColorOrder.RGB, List.of(0f, 0f, 0f),
                        List.of(scale, scale, scale), Resize.BILINEAR),
                "boxes", "scores", List.of("background", "red"), 0, DetectorSpec.ScoreActivation.SIGMOID,
                new DetectorSpec.BoxCoding(DetectorSpec.BoxOrder.XYWH, .1f, .1f, .2f, .2f),
                List.of(new DetectorSpec.FeatureMap(8, 8, 16, 16, .5f,
                        List.of(new DetectorSpec.Anchor(16, 16), new DetectorSpec.Anchor(6, 60)))),
                new DetectorSpec.NmsSpec(.01f, .5f, 0, 100));
        return new Model(g.build(List.of("boxes", "scores")), spec);
    }

    /** Dark photos with noise and up to three red squares on cells of 16 pixels, and the file that marks them. */
    @BeforeEach
    void modelAndPhotos() throws IOException {
        Files.createDirectories(folder.resolve("out"));
        OnnxWriter.write(squares(), folder.resolve("out").resolve(MODEL));
        Files.createDirectory(folder.resolve("photos"));
        List<String> images = new ArrayList<>();
        List<String> objects = new ArrayList<>();
        for (int p = 1; p <= PHOTOS; p++) {
            byte[] rgb = new byte[3 * SIDE * SIDE];
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) random.nextInt(i % 3 == 0 ? 90 : 160);
            }
            for (int i = random.nextInt(4); i > 0; i--) {
                int x = 16 * random.nextInt(8);
                int y = 16 * random.nextInt(8);
                for (int pixel = 0; pixel < 256; pixel++) {
                    int at = 3 * ((y + pixel / 16) * SIDE + x + pixel % 16);
                    rgb[at] = (byte) 230;
                    rgb[at + 1] = rgb[at + 2] = 20;
                }
                objects.add(
                        "{\"id\": %d, \"image_id\": %d, \"category_id\": 1, \"bbox\": [%d, %d, 16, 16], \"area\": 256}"
                                .formatted(objects.size() + 1, p, x, y));
            }
            String name = "%03d.png".formatted(p);
            BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
            for (int i = 0; i < SIDE * SIDE; i++) {
                picture.setRGB(i % SIDE, i / SIDE,
                        (rgb[3 * i] & 255) << 16 | (rgb[3 * i + 1] & 255) << 8 | rgb[3 * i + 2] & 255);
            }
            ImageIO.write(picture, "png", folder.resolve("photos").resolve(name).toFile());
            images.add("{\"id\": %d, \"file_name\": \"%s\", \"width\": %d, \"height\": %d}".formatted(p, name, SIDE,
                    SIDE));
        }
        Files.copy(folder.resolve("photos/001.png"), folder.resolve("photo.jpg"));
        Files.writeString(folder.resolve("instances.json"),
                "{\"images\": %s, \"annotations\": %s, \"categories\": [{\"id\": 1, \"name\": \"red\"}]}".formatted(
                        images,
                        objects));
    }

    @Test
    @Timeout(300)
    void everyCommandOfTheGuide() throws Exception {
        List<String> ran = new ArrayList<>();
        Process service = null;
        int port = 0;
        try {
            for (List<String> words : commands(repository().resolve("docs/guide.md"))) {
                String program = words.getFirst();
                if (program.equals("./fovea")) {
                    ran.add(words.get(1));
                    fovea(words.subList(1, words.size()));
                } else if (program.equals("java")) {
                    service = java(words);
                    port = port(service);
                } else if (program.equals("curl")) {
                    String answer = post(words, port);
                    assertTrue(answer.contains("\"executedShare\""), answer);
                } else {
                    assertTrue(program.equals("python3") || words.contains("examples/torchvision/guide.sh"),
                            "who runs " + words + "?");
                }
            }
        } finally {
            if (service != null) {
                service.destroy();
                service.waitFor();
            }
        }
        assertEquals(List.of("inspect", "verify", "calibrate", "prune", "train-gate", "eval", "eval"), ran);
        assertTrue(port > 0, "the service is part of the guide");
        assertEquals(1, OnnxReader.read(folder.resolve("out/pruned/pruned.onnx")).spec().featureMaps().getFirst()
                .anchors().size(), "the tall anchor finds nothing");
        List<String> script = Files.readAllLines(repository().resolve("examples/torchvision/guide.sh")).stream()
                .filter(line -> line.startsWith("\"$fovea\" ")).map(line -> line.split(" ")[1]).toList();
        assertEquals(ran, script, "the script runs the guide's commands, in its order");
    }

    /** Returns the indented lines of a page as words; a backslash at the end joins two. */
    private static List<List<String>> commands(Path page) throws IOException {
        List<List<String>> commands = new ArrayList<>();
        String text = Files.readString(page).replaceAll("\\\\\n\\s*", "");
        for (String line : text.lines().filter(l -> l.startsWith("    ")).toList()) {
            commands.add(List.of(line.strip().replace("'", "").split("\\s+")));
        }
        return commands;
    }

    private void fovea(List<String> words) {
        List<Object> args = new ArrayList<>();
        words.forEach(word -> args.add(here(word)));
        if (words.getFirst().equals("train-gate")) {
            args.addAll(List.of("--passes", 2));
        }
        CommandRun run = new CommandRun();
        assertEquals(0, run.run(args.toArray()), () -> words + ": " + run.out + run.err);
    }

    /** A path of the page, in the test's folder. */
    private String here(String word) {
        return word.matches("(out|photos)/.*|instances\\.json|photo\\.jpg") ? folder.resolve(word).toString() : word;
    }

    private Process java(List<String> words) throws IOException {
        List<String> args = new ArrayList<>();
        for (String word : words) {
            args.add(word.equals("java")
                    ? Path.of(System.getProperty("java.home"), "bin", "java").toString()
                    : word.startsWith("examples/")
                            ? repository().resolve(word).toString()
                            : word.equals("8080") ? "0" : here(word));
        }
        int at = args.indexOf("target/launcher/lib/*");
        assertTrue(at > 0 && args.get(at - 1).equals("-cp"), args::toString);
        args.subList(at - 1, at + 1).clear();
        ProcessBuilder builder = new ProcessBuilder(args).redirectErrorStream(true);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder.start();
    }

    private static int port(Process service) throws IOException {
        BufferedReader out = service.inputReader();
        StringBuilder said = new StringBuilder();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.append(line).append('\n');
            if (line.startsWith("listening on port ")) {
                return Integer.parseInt(line.substring("listening on port ".length()));
            }
        }
        throw new AssertionError("the service ended: " + said);
    }

    private String post(List<String> words, int port) throws IOException, InterruptedException {
        assertEquals("--data-binary", words.get(1));
        Path photo = Path.of(here(words.get(2).substring(1)));
        URI address = URI.create("http://" + words.get(3).replace("8080", Integer.toString(port)));
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(HttpRequest.newBuilder(address)
                    .timeout(Duration.ofMinutes(1))
                    .POST(HttpRequest.BodyPublishers.ofFile(photo)).build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(200, response.statusCode(), response.body());
            return response.body();
        }
    }

    private static Path repository() {
        Path at = Path.of("").toAbsolutePath();
        while (at.getParent() != null && !Files.exists(at.resolve("docs/guide.md"))) {
            at = at.getParent();
        }
        return at;
    }
}
