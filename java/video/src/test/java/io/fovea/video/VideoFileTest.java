package io.fovea.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.frame.Frame;
import io.fovea.frame.FrameException;
import io.fovea.frame.FrameSink;
import io.fovea.frame.FrameSource;
import io.fovea.frame.Frames;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Made videos, written and read back. */
class VideoFileTest {
    private static final int FRAMES = 40;

    @TempDir
    Path folder;

    private static BufferedImage picture(int width, int height, int frame) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setColor(new Color(40, 60, 90));
        graphics.fillRect(0, 0, width, height);
        graphics.setColor(new Color(230, 200, 40));
        graphics.fillRect(3 * frame, 16, 32, 32);
        graphics.dispose();
        return picture;
    }

    /** Writes a video whose frames are 40 ms apart, but for one that comes half a second later. */
    private Path write(String name, int width, int height, int frames) {
        Path file = folder.resolve(name);
        try (FrameSink sink = Frames.create(file, width, height, 25)) {
            for (int i = 0; i < frames; i++) {
                sink.write(picture(width, height, i), i, i * 0.04 + (i >= 20 ? 0.5 : 0));
            }
        }
        return file;
    }

    private static List<Frame> read(Path file) {
        List<Frame> frames = new ArrayList<>();
        try (FrameSource source = Frames.open(file)) {
            for (Frame frame = source.next(); frame != null; frame = source.next()) {
                frames.add(frame);
            }
            assertNull(source.next(), "the end stays the end");
        }
        return frames;
    }

    @Test
    void picturesAndTimesComeBack() {
        for (String name : List.of("a.mp4", "a.mkv")) {
            List<Frame> frames = read(write(name, 160, 96, FRAMES));
            assertEquals(FRAMES, frames.size(), name);
            for (int i = 0; i < FRAMES; i++) {
                Frame frame = frames.get(i);
                assertEquals(i, frame.index());
                assertEquals(i * 0.04 + (i >= 20 ? 0.5 : 0), frame.seconds(), 0.002, name + ", frame " + i);
                assertEquals(160, frame.image().width());
                assertEquals(96, frame.image().height());
                near(0xE6C828, frame.image().rgb(Math.min(159, 3 * i + 16), 32), name + ", square of frame " + i);
                near(0x283C5A, frame.image().rgb((3 * i + 80) % 160 > 3 * i + 40 ? (3 * i + 80) % 160 : 0, 80),
                        name + ", ground of frame " + i);
            }
        }
    }

    private static void near(int want, int got, String what) {
        for (int shift = 0; shift < 24; shift += 8) {
            assertEquals(want >> shift & 0xFF, got >> shift & 0xFF, 24,
                    what + ": " + Integer.toHexString(got) + ", wanted " + Integer.toHexString(want));
        }
    }

    @Test
    void oddSizesLoseTheirLastRowAndColumn() {
        List<Frame> frames = read(write("odd.mp4", 131, 67, 3));
        assertEquals(3, frames.size());
        assertEquals(130, frames.getFirst().image().width());
        assertEquals(66, frames.getFirst().image().height());
    }

    @Test
    void aTruncatedFileEndsEarlyOrSaysWhy() throws IOException {
        Path whole = write("whole.mkv", 160, 96, FRAMES);
        byte[] bytes = Files.readAllBytes(whole);
        Path half = folder.resolve("half.mkv");
        Files.write(half, Arrays.copyOf(bytes, bytes.length / 2));
        int frames = read(half).size();
        assertTrue(frames > 0 && frames < FRAMES, frames + " frames of half a file");
        byte[] mp4 = Files.readAllBytes(write("whole.mp4", 160, 96, FRAMES));
        Path torn = folder.resolve("torn.mp4");
        Files.write(torn, Arrays.copyOf(mp4, mp4.length / 2));
        assertLine(torn, "is no video that can be read");
    }

    @Test
    void whatIsNoVideoIsRefusedInOneLine() throws IOException {
        Path text = folder.resolve("text.mp4");
        Files.writeString(text, "this is no video");
        assertLine(text, "is no video that can be read");
        Path empty = folder.resolve("empty.mp4");
        Files.write(empty, new byte[0]);
        assertLine(empty, "no video");
        assertLine(folder.resolve("missing.mp4"), "no such file");
        FrameException e = assertThrows(FrameException.class,
                () -> Frames.create(folder.resolve("a.unknown"), 64, 64, 25));
        assertTrue(e.getMessage().contains("names no video format"), e.getMessage());
        assertThrows(FrameException.class, () -> Frames.create(folder.resolve("tiny.mp4"), 1, 1, 25));
        assertThrows(FrameException.class, () -> Frames.create(folder.resolve("no/such/folder/a.mp4"), 64, 64, 25));
    }

    private static void assertLine(Path file, String part) {
        String message = assertThrows(FrameException.class, () -> Frames.open(file)).getMessage();
        assertTrue(message.startsWith(file.toString()) && message.contains(part) && message.lines().count() == 1,
                message);
    }

    @Test
    void aClosedSourceIsAtItsEnd() {
        Path file = write("b.mp4", 64, 64, 3);
        FrameSource source = Frames.open(file);
        source.next();
        source.close();
        source.close();
        assertNull(source.next());
    }
}
