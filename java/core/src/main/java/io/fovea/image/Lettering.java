package io.fovea.image;

import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;

/** Writes one line of text. */
interface Lettering {
    /** Returns the width of a text in pixels. */
    int width(String text);

    /** Returns the height of a line in pixels. */
    int height();

    /** Writes with the current colour; (x, y) is the top left corner of the line. */
    void draw(Graphics2D graphics, String text, int x, int y);

    /** Returns letters about {@code size} pixels high: a font of the system, or the built-in one where there is none. */
    static Lettering ofSize(int size) {
        try {
            return new System(size);
        } catch (RuntimeException | LinkageError | InternalError e) {
            // A JVM without fontconfig, FreeType or any font: usual in small containers.
            return new BlockLetters(size);
        }
    }

    /** Letters of an AWT font. */
    final class System implements Lettering {
        private final Font font;
        private final FontMetrics metrics;

        System(int size) {
            font = new Font(Font.SANS_SERIF, Font.BOLD, size);
            Graphics2D graphics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
            metrics = graphics.getFontMetrics(font);
            graphics.dispose();
        }

        @Override
        public int width(String text) {
            return metrics.stringWidth(text);
        }

        @Override
        public int height() {
            return metrics.getAscent() + metrics.getDescent();
        }

        @Override
        public void draw(Graphics2D graphics, String text, int x, int y) {
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            graphics.setFont(font);
            graphics.drawString(text, x, y + metrics.getAscent());
        }
    }
}
