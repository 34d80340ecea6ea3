package io.fovea;

/**
 * An axis-aligned box in pixels of the photo as a person sees it (after EXIF orientation); x and y are its top left corner.
 *
 * @param x left edge
 * @param y top edge
 * @param width extent to the right, at least 0
 * @param height extent downwards, at least 0
 */
public record Box(float x, float y, float width, float height) {

    /** Returns the right edge. */
    public float right() {
        return x + width;
    }

    /** Returns the bottom edge. */
    public float bottom() {
        return y + height;
    }

    /** Returns the area of the intersection with another box over the area of the union; 0 when both are empty. */
    public float iou(Box other) {
        float w = Math.min(right(), other.right()) - Math.max(x, other.x);
        float h = Math.min(bottom(), other.bottom()) - Math.max(y, other.y);
        if (w <= 0 || h <= 0) {
            return 0;
        }
        float both = w * h;
        return both / (width * height + other.width * other.height - both);
    }
}
