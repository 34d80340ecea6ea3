package io.fovea.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class ExplainCommandTest {
    @TempDir
    Path folder;

    private Path model;
    private Path photo;
    private Path page;

    @BeforeEach
    void prepare() throws IOException {
        model = TinyModel.write(folder);
        BufferedImage image = new BufferedImage(640, 320, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.RED);
        graphics.fillRect(0, 0, 320, 160);
        graphics.setColor(Color.BLUE);
        graphics.fillRect(320, 160, 320, 160);
        graphics.dispose();
        photo = folder.resolve("red <&> blue.png");
        ImageIO.write(image, "png", photo.toFile());
        page = folder.resolve("page.html");
    }

    private String explain(Object... args) throws IOException {
        Object[] all = new Object[args.length + 12];
        System.arraycopy(new Object[]{"explain", photo, "--model", model, "--threads", 1, "--kernels", "scalar",
                "--rounds", 3, "--out", page}, 0, all, 0, 12);
        System.arraycopy(args, 0, all, 12, args.length);
        CommandRun run = CommandRun.of(all);
        assertEquals(0, run.code(), run::err);
        return Files.readString(page);
    }

    /** Parses every SVG of the page, so that a tag left open or a raw character would be noticed. */
    private static int drawings(String html) throws Exception {
        int count = 0;
        for (int at = html.indexOf("<svg"); at >= 0; at = html.indexOf("<svg", at + 1)) {
            String svg = html.substring(at, html.indexOf("</svg>", at) + 6);
            DocumentBuilderFactory.newInstance().newDocumentBuilder()
                    .parse(new InputSource(new java.io.StringReader(svg)));
            count++;
        }
        return count;
    }

    @Test
    void onePageThatNeedsNothingElse() throws Exception {
        String html = explain("--region", "0,0,320,160");
        assertFalse(html.contains("{{"), "a slot is not filled");
        assertFalse(html.matches("(?s).*\\b(src|href)\\s*=.*"), "the page refers to something");
        assertFalse(html.contains("http"), "the page refers to the network");
        assertTrue(html.contains("url(data:image/jpeg;base64,"), "no photo");
        assertTrue(html.contains("red &lt;&amp;&gt; blue.png"), "name is not escaped");
        assertEquals(4, drawings(html), "mask, two pictures of detections, chart");
        assertTrue(html.contains("<b>1 of 2</b>"), "one of two objects lies in the region");
        assertTrue(html.contains("<b>25.0\u00a0%</b>"), "active share");
        assertTrue(html.contains("class=\"box missed\"") && html.contains("class=\"box both\""), "kinds of boxes");
        assertTrue(html.contains("<td class=\"n\">3072</td><td class=\"n\">768</td>"), "books of the first layer");
    }

    @Test
    void withoutAMaskAndWithAnEmptyOne() throws Exception {
        String plain = explain();
        assertTrue(plain.contains("No mask was given"), "note");
        assertEquals(2, drawings(plain), "detections and chart");
        String empty = explain("--region", "2000,0,5,5");
        assertTrue(empty.contains("The mask is empty"), "note");
        assertTrue(empty.contains("<b>0 of 2</b>"), "nothing is found");
        drawings(empty);
    }

    @Test
    void everythingLookedAt() throws Exception {
        String html = explain("--region", "0,0,640,320");
        assertTrue(html.contains("<b>2 of 2</b>"), "both found");
        assertTrue(html.contains("the whole net was computed"), "note");
        drawings(html);
    }

    @Test
    void wrongUse() {
        assertEquals(2, CommandRun.of("explain", photo, "--model", model).code(), "no --out");
        assertEquals(2, CommandRun.of("explain", photo, "--model", model, "--out", page, "--rounds", 0).code());
        assertEquals(2, CommandRun.of("explain", photo, "--model", model, "--out", page, "--threshold", 2).code());
        CommandRun run = CommandRun.of("explain", photo, "--model", model, "--out", folder.resolve("no/page.html"));
        assertEquals(1, run.code());
        assertEquals(1, run.errorLines(), run::err);
    }

    @Test
    void chromiumShowsThePage() throws Exception {
        Path browser = Stream.of("chromium", "chromium-browser", "google-chrome")
                .flatMap(name -> Stream.of(System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator))
                        .map(dir -> Path.of(dir, name)))
                .filter(Files::isExecutable).findFirst().orElse(null);
        if (browser == null) {
            System.out.println("SKIPPED the page in a browser: no Chromium is installed");
            abort("no Chromium is installed");
            return;
        }
        explain("--region", "0,0,320,160");
        for (String scheme : List.of("light", "dark")) {
            BufferedImage shot = screenshot(browser, scheme);
            assertEquals(1000, shot.getWidth());
            Set<Integer> colors = new HashSet<>();
            for (int y = 0; y < shot.getHeight(); y += 2) {
                for (int x = 0; x < shot.getWidth(); x += 2) {
                    colors.add(shot.getRGB(x, y));
                }
            }
            assertTrue(colors.size() > 100, scheme + " page has only " + colors.size() + " colours");
            int corner = shot.getRGB(2, 2) & 255;
            assertEquals(scheme.equals("light"), corner > 128, scheme + " page has a background of " + corner);
            assertTrue(strongPixels(shot, 0) > 2000, scheme + " page does not show the red of the photo");
            assertTrue(strongPixels(shot, 2) > 2000, scheme + " page does not show the blue of the photo");
        }
    }

    private BufferedImage screenshot(Path browser, String scheme) throws IOException, InterruptedException {
        Path png = folder.resolve(scheme + ".png");
        List<String> command = new ArrayList<>(List.of(browser.toString(), "--headless", "--no-sandbox",
                "--disable-gpu",
                "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--hide-scrollbars", "--user-data-dir=" + folder.resolve("profile-" + scheme),
                "--window-size=1000,1400", "--screenshot=" + png));
        if (scheme.equals("dark")) {
            command.addAll(List.of("--force-dark-mode", "--blink-settings=preferredColorScheme=0"));
        }
        command.add(page.toUri().toString());
        Path log = folder.resolve(scheme + ".log");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        assertTrue(Files.exists(png), () -> {
            try {
                return "no screenshot: " + Files.readString(log);
            } catch (IOException e) {
                return "no screenshot, no log";
            }
        });
        return ImageIO.read(png.toFile());
    }

    /** Counts pixels whose channel (0 red, 2 blue) is strong and whose others are weak. */
    private static int strongPixels(BufferedImage image, int channel) {
        int count = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int rgb = image.getRGB(x, y);
                int[] c = {rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255};
                if (c[channel] > 200 && c[(channel + 1) % 3] < 60 && c[(channel + 2) % 3] < 60) {
                    count++;
                }
            }
        }
        return count;
    }
}
