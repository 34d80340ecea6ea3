package io.fovea.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Seeds;
import io.fovea.image.Drawing.Labelled;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DrawingTest {
    private static Image plain(int width, int height) {
        return Image.ofRgb(new byte[3 * width * height], width, height, 3 * width);
    }

    @Test
    void aBoxIsAnOutlineOfItsColour() {
        BufferedImage picture = Drawing.draw(plain(100, 80), List.of(new Labelled("", 3, 20, 10, 30, 40)));
        int color = Drawing.color(3).getRGB();
        int black = 0xFF000000;
        for (int x = 20; x < 50; x++) {
            assertEquals(color, picture.getRGB(x, 10));
            assertEquals(color, picture.getRGB(x, 49));
        }
        for (int y = 10; y < 50; y++) {
            assertEquals(color, picture.getRGB(20, y));
            assertEquals(color, picture.getRGB(49, y));
        }
        assertEquals(black, picture.getRGB(21, 11));
        assertEquals(black, picture.getRGB(48, 48));
        assertEquals(black, picture.getRGB(19, 10));
        assertEquals(black, picture.getRGB(50, 49));
    }

    @Test
    void thePhotoStaysAsItIs() {
        Image photo = Pictures.noise(50, 40, 1);
        Image copy = Image.of(photo.toBufferedImage());
        Drawing.draw(photo, List.of(new Labelled("person 0.99", 0, 5, 5, 20, 20)));
        assertEquals(-1, photo.pixels().mismatch(copy.pixels()));
    }

    @Test
    void noBoxesNoChange() {
        Image photo = Pictures.noise(50, 40, 1);
        assertEquals(-1, Image.of(Drawing.draw(photo, List.of())).pixels().mismatch(photo.pixels()));
    }

    @Test
    void linesGrowWithThePhoto() {
        BufferedImage picture = Drawing.draw(plain(1500, 30), List.of(new Labelled("", 1, 100, 2, 900, 26)));
        int color = Drawing.color(1).getRGB();
        for (int i = 0; i < 5; i++) {
            assertEquals(color, picture.getRGB(500, 2 + i));
            assertEquals(color, picture.getRGB(100 + i, 15));
        }
        assertNotEquals(color, picture.getRGB(500, 7));
    }

    @Test
    void theFirstBoxLiesOnTop() {
        Labelled first = new Labelled("", 0, 10, 10, 30, 30);
        Labelled second = new Labelled("", 1, 10, 10, 30, 30);
        assertEquals(Drawing.color(0).getRGB(),
                Drawing.draw(plain(60, 60), List.of(first, second)).getRGB(10, 10));
    }

    @Test
    void labelsHaveAGroundAndReadableLetters() {
        for (Lettering letters : new Lettering[]{Lettering.ofSize(14), new BlockLetters(14)}) {
            for (int index = 0; index < 20; index++) {
                BufferedImage picture = Drawing.draw(plain(200, 200),
                        List.of(new Labelled("WWWW", index, 50, 100, 80, 80)), letters);
                Set<Integer> colors = new HashSet<>();
                for (int y = 100 - letters.height(); y < 98; y++) {
                    for (int x = 50; x < 50 + letters.width("WWWW"); x++) {
                        colors.add(picture.getRGB(x, y));
                    }
                }
                int ground = Drawing.color(index).getRGB();
                assertTrue(colors.contains(ground));
                int farthest = colors.stream().mapToInt(c -> Pictures.difference(c, ground)).max().orElseThrow();
                assertTrue(farthest > 100, "colour " + index + ": letters differ by " + farthest);
            }
        }
    }

    @Property(seed = Seeds.BUILD, tries = 300)
    void labelsStayInsideAndTouchTheirBox(@ForAll @FloatRange(min = -50, max = 500) float x,
            @ForAll @FloatRange(min = -50, max = 300) float y, @ForAll @IntRange(min = 5, max = 400) int width,
            @ForAll @IntRange(min = 5, max = 40) int height) {
        Rectangle place = Drawing.place(new Labelled("a", 0, x, y, 20, 20), width, height, 400, 200);
        assertTrue(new Rectangle(0, 0, 400, 200).contains(place), place::toString);
        if (y >= height && y <= 200 && x >= 0 && x + width <= 400) {
            assertEquals(Math.round(x), place.x);
            assertEquals(Math.round(y), place.y + height);
        }
    }

    @Property(seed = Seeds.BUILD, tries = 100)
    void anyBoxCanBeDrawn(@ForAll float x, @ForAll float y, @ForAll float width, @ForAll float height,
            @ForAll int color, @ForAll String text) {
        BufferedImage picture = Drawing.draw(plain(9, 7), List.of(new Labelled(text, color, x, y, width, height)),
                new BlockLetters(11));
        assertEquals(9, picture.getWidth());
        assertEquals(7, picture.getHeight());
    }

    @Test
    void neighbouringColoursDiffer() {
        for (int i = -3; i < 200; i++) {
            assertTrue(Pictures.difference(Drawing.color(i).getRGB(), Drawing.color(i + 1).getRGB()) > 60, "at " + i);
        }
    }

    @Test
    void blockLettersAreTellableApart() {
        String signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-_%/()+'\u00e9 ";
        var letters = new BlockLetters(9);
        Set<String> shapes = new HashSet<>();
        for (int sign : signs.codePoints().toArray()) {
            shapes.add(shape(letters, Character.toString(sign)));
        }
        assertEquals(signs.codePointCount(0, signs.length()), shapes.size());
        assertEquals(shape(letters, "A"), shape(letters, "a"));
        assertEquals("""
                #####
                #....
                #....
                ####.
                #....
                #....
                #....
                """, shape(letters, "F"));
    }

    private static String shape(Lettering letters, String text) {
        var picture = new BufferedImage(letters.width(text), letters.height(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        letters.draw(graphics, text, 0, 0);
        graphics.dispose();
        var shape = new StringBuilder();
        for (int y = 1; y < 8; y++) {
            for (int x = 0; x < 5; x++) {
                shape.append((picture.getRGB(x, y) & 0xFFFFFF) != 0 ? '#' : '.');
            }
            shape.append('\n');
        }
        return shape.toString();
    }
}
