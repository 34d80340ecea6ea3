package io.fovea.image;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * Draws labelled boxes over a photo. Needs neither a display nor installed fonts: where AWT has no font, a built-in one of
 * capital letters is used. Safe for threads.
 */
public final class Drawing {
    private Drawing() {
    }

    /**
     * A box with a text.
     *
     * @param text label; empty for a box alone
     * @param colorIndex boxes of one index have one colour, see {@link #color}
     * @param x left edge in pixels of the photo
     * @param y top edge
     * @param width extent to the right
     * @param height extent downwards
     */
    public record Labelled(String text, int colorIndex, float x, float y, float width, float height) {}

    /**
     * Draws on a copy of a photo. Lines and letters grow with the photo; a label stands above its box, or inside it where there
     * is no room above, and is pushed into the picture.
     *
     * @param boxes the first is drawn last, over the others
     * @return a picture of type {@link BufferedImage#TYPE_INT_RGB}
     */
    public static BufferedImage draw(Image photo, List<Labelled> boxes) {
        int side = Math.max(photo.width(), photo.height());
        return draw(photo, boxes, Lettering.ofSize(Math.max(11, side / 45)));
    }

    static BufferedImage draw(Image photo, List<Labelled> boxes, Lettering letters) {
        BufferedImage picture = photo.toBufferedImage();
        Graphics2D graphics = picture.createGraphics();
        try {
            int line = Math.max(1, Math.round(Math.max(photo.width(), photo.height()) / 300f));
            for (Labelled box : boxes.reversed()) {
                outline(graphics, box, line);
            }
            for (Labelled box : boxes.reversed()) {
                if (!box.text.isEmpty()) {
                    label(graphics, box, letters, line, picture);
                }
            }
        } finally {
            graphics.dispose();
        }
        return picture;
    }

    /** Returns the colour of an index; neighbouring indices differ clearly (hues a golden angle apart). */
    public static Color color(int index) {
        float hue = (float) (index * 0.6180339887498949 % 1);
        boolean odd = Math.floorMod(index, 2) == 1;
        return Color.getHSBColor(hue, odd ? 0.7f : 0.9f, odd ? 1f : 0.9f);
    }

    private static void outline(Graphics2D graphics, Labelled box, int line) {
        int left = Math.round(box.x);
        int top = Math.round(box.y);
        int right = Math.max(left + line, Math.round(box.x + box.width));
        int bottom = Math.max(top + line, Math.round(box.y + box.height));
        graphics.setColor(color(box.colorIndex));
        graphics.fillRect(left, top, right - left, line);
        graphics.fillRect(left, bottom - line, right - left, line);
        graphics.fillRect(left, top, line, bottom - top);
        graphics.fillRect(right - line, top, line, bottom - top);
    }

    private static void label(Graphics2D graphics, Labelled box, Lettering letters, int line, BufferedImage picture) {
        int margin = Math.max(2, letters.height() / 6);
        Rectangle place = place(box, letters.width(box.text) + 2 * margin, letters.height() + margin,
                picture.getWidth(), picture.getHeight());
        Color ground = color(box.colorIndex);
        graphics.setColor(ground);
        graphics.fill(place);
        double light = 0.299 * ground.getRed() + 0.587 * ground.getGreen() + 0.114 * ground.getBlue();
        graphics.setColor(light > 140 ? Color.BLACK : Color.WHITE);
        letters.draw(graphics, box.text, place.x + margin, place.y + margin / 2);
    }

    /** Returns where a label goes: above the box, else inside it, and within the picture where it fits. */
    static Rectangle place(Labelled box, int width, int height, int pictureWidth, int pictureHeight) {
        int x = Math.round(box.x);
        int y = Math.round(box.y);
        int at = y >= height ? y - height : y;
        return new Rectangle(Math.max(0, Math.min(x, pictureWidth - width)),
                Math.max(0, Math.min(at, pictureHeight - height)), width, height);
    }
}
