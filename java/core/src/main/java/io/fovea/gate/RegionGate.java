package io.fovea.gate;

import io.fovea.image.Image;
import io.fovea.sites.Mask;
import java.util.List;

/** The same rectangles in every photo: a door, a lane, a shelf. Immutable, thread-safe. */
public final class RegionGate implements Gate {
    private final List<Region> regions;
    private final int cell;

    /**
     * A rectangle in pixels of the photo; may lie partly or wholly outside.
     *
     * @param x left edge
     * @param y top edge
     * @param width extent to the right, above 0
     * @param height extent downwards, above 0
     */
    public record Region(float x, float y, float width, float height) {
        public Region {
            if (!(width > 0 && height > 0)) {
                throw new IllegalArgumentException("region " + x + "," + y + "," + width + "," + height + " is empty");
            }
        }
    }

    /**
     * Makes a gate.
     *
     * @param regions at least one
     * @param cell cell size of the masks in input pixels
     */
    public RegionGate(List<Region> regions, int cell) {
        if (regions.isEmpty()) {
            throw new IllegalArgumentException("a region gate needs at least one region");
        }
        this.regions = List.copyOf(regions);
        this.cell = cell;
    }

    @Override
    public String name() {
        return "regions";
    }

    @Override
    public Mask mask(Image image, int inputHeight, int inputWidth) {
        Mask mask = Mask.uniform(inputHeight, inputWidth, cell, false);
        float scaleX = (float) inputWidth / image.width();
        float scaleY = (float) inputHeight / image.height();
        for (Region r : regions) {
            mask = mask.withRectangle(r.x() * scaleX, r.y() * scaleY, (r.x() + r.width()) * scaleX,
                    (r.y() + r.height()) * scaleY);
        }
        return mask;
    }
}
