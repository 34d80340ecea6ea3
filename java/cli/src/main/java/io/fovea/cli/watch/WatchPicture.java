package io.fovea.cli.watch;

import io.fovea.Detection;
import io.fovea.VideoResult;
import io.fovea.image.Drawing;
import io.fovea.image.Image;
import io.fovea.sites.Mask;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;

/** A frame with its boxes, and faintly the cells that were computed. */
final class WatchPicture {
    private static final Color ACTIVE = new Color(255, 220, 0, 46);
    private static final Color KEY = new Color(255, 120, 0);

    private WatchPicture() {
    }

    static BufferedImage draw(Image frame, VideoResult result, List<Detection> shown) {
        List<Drawing.Labelled> boxes = shown.stream().map(d -> new Drawing.Labelled(
                d.label() + String.format(Locale.ROOT, " %.2f", d.score()), d.classId(), d.box().x(), d.box().y(),
                d.box().width(), d.box().height())).toList();
        BufferedImage picture = Drawing.draw(frame, boxes);
        Graphics2D graphics = picture.createGraphics();
        try {
            if (result.isKeyFrame()) {
                int line = Math.max(2, picture.getWidth() / 150);
                graphics.setColor(KEY);
                for (int i = 0; i < line; i++) {
                    graphics.drawRect(i, i, picture.getWidth() - 1 - 2 * i, picture.getHeight() - 1 - 2 * i);
                }
            } else {
                cells(graphics, result.mask(), picture.getWidth(), picture.getHeight());
            }
        } finally {
            graphics.dispose();
        }
        return picture;
    }

    private static void cells(Graphics2D graphics, Mask mask, int width, int height) {
        graphics.setColor(ACTIVE);
        for (int r = 0; r < mask.rows(); r++) {
            int top = edge(r, mask.cell(), height, mask.inputHeight());
            int bottom = edge(r + 1, mask.cell(), height, mask.inputHeight());
            for (int c = 0; c < mask.columns(); c++) {
                if (mask.get(r, c)) {
                    int left = edge(c, mask.cell(), width, mask.inputWidth());
                    graphics.fillRect(left, top, edge(c + 1, mask.cell(), width, mask.inputWidth()) - left,
                            bottom - top);
                }
            }
        }
    }

    private static int edge(int cells, int cell, int pixels, int input) {
        return (int) Math.min(pixels, Math.round((double) cells * cell * pixels / input));
    }
}
