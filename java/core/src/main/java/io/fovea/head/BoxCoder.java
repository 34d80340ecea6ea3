package io.fovea.head;

import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;

/**
 * Decodes the four raw values of a head row against its anchor (Liu et al., SSD: Single Shot MultiBox Detector, ECCV 2016, eq. 2
 * with variances). Immutable, thread-safe.
 */
public final class BoxCoder {
    private final AnchorGrid anchors;
    private final BoxCoding coding;
    private final int dx;

    /** Makes a coder for a detector's anchors. */
    public BoxCoder(AnchorGrid anchors, BoxCoding coding) {
        this.anchors = anchors;
        this.coding = coding;
        this.dx = coding.order() == BoxOrder.XYWH ? 0 : 1;
    }

    /**
     * Decodes one row.
     *
     * @param row output row, which names the anchor
     * @param raw array with the four raw values from {@code at}
     * @param at index of the first of them
     * @param out receives left, top, right, bottom in input pixels from {@code outAt}
     * @param outAt index of the first of them
     */
    public void decode(int row, float[] raw, int at, float[] out, int outAt) {
        float aw = anchors.width(row);
        float ah = anchors.height(row);
        float cx = anchors.centerX(row) + coding.varianceX() * raw[at + dx] * aw;
        float cy = anchors.centerY(row) + coding.varianceY() * raw[at + 1 - dx] * ah;
        float w = aw * (float) Math.exp(coding.varianceW() * raw[at + 2 + dx]);
        float h = ah * (float) Math.exp(coding.varianceH() * raw[at + 3 - dx]);
        out[outAt] = cx - w / 2;
        out[outAt + 1] = cy - h / 2;
        out[outAt + 2] = cx + w / 2;
        out[outAt + 3] = cy + h / 2;
    }
}
