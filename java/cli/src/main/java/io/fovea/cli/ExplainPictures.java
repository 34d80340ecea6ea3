package io.fovea.cli;

import static io.fovea.cli.ExplainPage.escape;

import io.fovea.Box;
import io.fovea.Detection;
import io.fovea.cli.ExplainCommand.Look;
import io.fovea.image.Image;
import io.fovea.sites.Mask;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;

/** The photo and what lies over it, as SVG in pixels of the photo. */
final class ExplainPictures {
    private static final int LONGEST_SIDE = 960;
    private static final double SAME_PLACE = 0.5;

    private final Image image;
    private final Look dense;
    private final Look gated;
    private final Set<Integer> foundDense = new HashSet<>();
    private final Set<Integer> foundGated = new HashSet<>();

    ExplainPictures(Image image, Look dense, Look gated) {
        this.image = image;
        this.dense = dense;
        this.gated = gated;
        if (gated != null) {
            match(dense.result().detections(), gated.result().detections());
        }
    }

    /** Pairs detections of one class with IoU of at least .5, best first, one to one. */
    private void match(List<Detection> whole, List<Detection> part) {
        for (int g = 0; g < part.size(); g++) {
            int best = -1;
            double bestOverlap = SAME_PLACE;
            for (int d = 0; d < whole.size(); d++) {
                double overlap = part.get(g).box().iou(whole.get(d).box());
                if (!foundDense.contains(d) && part.get(g).classId() == whole.get(d).classId()
                        && overlap >= bestOverlap) {
                    best = d;
                    bestOverlap = overlap;
                }
            }
            if (best >= 0) {
                foundDense.add(best);
                foundGated.add(g);
            }
        }
    }

    /** Returns how many objects of the whole net the gated one found. */
    int found() {
        return foundDense.size();
    }

    /** Returns how many objects only the gated one found. */
    int extra() {
        return gated.result().detections().size() - foundGated.size();
    }

    /** Returns the photo as a data address, made smaller when it is large. */
    String photo() throws IOException {
        double scale = Math.min(1, (double) LONGEST_SIDE / Math.max(image.width(), image.height()));
        int width = Math.max(1, (int) Math.round(image.width() * scale));
        int height = Math.max(1, (int) Math.round(image.height() * scale));
        BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = small.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.setRenderingHint(RenderingHints.KEY_RENDERING, RenderingHints.VALUE_RENDER_QUALITY);
        graphics.drawImage(image.toBufferedImage(), 0, 0, width, height, null);
        graphics.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(small, "jpeg", bytes);
        return "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    String legend() {
        return "<div class=\"key\"><span><i class=\"frame\"></i>found by both</span><span><i class=\"frame missed\"></i>only by "
                + "the whole net</span><span><i class=\"frame extra\"></i>only by the gated one</span></div>";
    }

    String figures() {
        if (gated == null) {
            return figure("Found by the whole net", boxes(dense.result().detections(), null, "both"));
        }
        Mask mask = gated.mask();
        return (mask == null
                ? ""
                : figure("The mask: what is dark is left out (" + ExplainPage.percent(mask.share()) + " is looked at)",
                        cells(mask)))
                + figure("Found by the whole net: " + dense.result().detections().size(),
                        boxes(dense.result().detections(), foundDense, "missed"))
                + figure("Found by the gated net: " + gated.result().detections().size(),
                        boxes(gated.result().detections(), foundGated, "extra"));
    }

    private String figure(String caption, String over) {
        return "<figure><svg class=\"photo\" role=\"img\" aria-label=\"" + escape(caption) + "\" viewBox=\"0 0 "
                + image.width() + " " + image.height() + "\">" + over + "</svg><figcaption>" + escape(caption)
                + "</figcaption></figure>\n";
    }

    /** Covers the background cells, row by row, and draws the border of the foreground. */
    private String cells(Mask mask) {
        double x = (double) image.width() * mask.cell() / mask.inputWidth();
        double y = (double) image.height() * mask.cell() / mask.inputHeight();
        StringBuilder dark = new StringBuilder();
        StringBuilder border = new StringBuilder();
        for (int r = 0; r < mask.rows(); r++) {
            for (int c = 0; c < mask.columns(); c++) {
                boolean on = mask.get(r, c);
                if (c > 0 && on != mask.get(r, c - 1)) {
                    border.append(text("M%.1f %.1fv%.1f", c * x, r * y, y));
                }
                if (r > 0 && on != mask.get(r - 1, c)) {
                    border.append(text("M%.1f %.1fh%.1f", c * x, r * y, x));
                }
                if (!on) {
                    int end = c + 1;
                    while (end < mask.columns() && !mask.get(r, end)) {
                        if (r > 0 && mask.get(r - 1, end)) {
                            border.append(text("M%.1f %.1fh%.1f", end * x, r * y, x));
                        }
                        end++;
                    }
                    // A little taller than its row, so that no bright line is left between two rows.
                    dark.append(text("M%.1f %.1fh%.1fv%.1fh%.1fz", c * x, r * y, (end - c) * x, 1.06 * y,
                            (c - end) * x));
                    c = end - 1;
                }
            }
        }
        return "<path d=\"" + dark + "\" fill=\"#06090d\" fill-opacity=\".72\"/><path d=\""
                + border + "\" class=\"box both\"/>";
    }

    private String boxes(List<Detection> detections, Set<Integer> paired, String unpaired) {
        StringBuilder svg = new StringBuilder();
        double size = Math.max(image.width(), image.height()) / 30.0;
        for (int i = detections.size() - 1; i >= 0; i--) {
            Detection d = detections.get(i);
            String kind = paired == null || paired.contains(i) ? "both" : unpaired;
            Box box = d.box();
            String label = text("%s %.0f %%", d.label(), 100 * d.score());
            double width = size * (0.57 * label.length() + 0.5);
            double left = Math.clamp(box.x(), 0, Math.max(0, image.width() - width));
            double top = box.y() >= 1.25 * size ? box.y() - 1.25 * size : box.y();
            svg.append(text(
                    "<g><title>%s</title><rect class=\"box %s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>"
                            + "<rect class=\"tag-%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>"
                            + "<text class=\"label on-tag\" x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" textLength=\"%.1f\" "
                            + "lengthAdjust=\"spacingAndGlyphs\">%s</text></g>",
                    escape(label), kind, box.x(), box.y(), box.width(), box.height(), kind, left, top, width,
                    1.25 * size, left + 0.25 * size, top + 0.95 * size, size, width - 0.5 * size, escape(label)));
        }
        return svg.toString();
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
