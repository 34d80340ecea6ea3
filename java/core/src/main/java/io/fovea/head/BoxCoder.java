package io.fovea.head;

import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;

/** Decodes the four raw values of a head row against its anchor, see {@link io.fovea.format.DetectorSpec.BoxCode}. Immutable, thread-safe. */
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
        float tx = coding.varianceX() * raw[at + dx];
        float ty = coding.varianceY() * raw[at + 1 - dx];
        float tw = coding.varianceW() * raw[at + 2 + dx];
        float th = coding.varianceH() * raw[at + 3 - dx];
        float cx = anchors.centerX(row);
        float cy = anchors.centerY(row);
        float w = aw;
        float h = ah;
        switch (coding.code()) {
            case CENTER_SIZE -> {
                cx += tx * aw;
                cy += ty * ah;
                w *= (float) Math.exp(Math.min(tw, coding.clamp()));
                h *= (float) Math.exp(Math.min(th, coding.clamp()));
            }
            case YOLO_V3 -> {
                cx += (sigmoid(tx) - 0.5f) * anchors.strideX(row);
                cy += (sigmoid(ty) - 0.5f) * anchors.strideY(row);
                w *= (float) Math.exp(Math.min(tw, coding.clamp()));
                h *= (float) Math.exp(Math.min(th, coding.clamp()));
            }
            case YOLO_V5 -> {
                cx += (2 * sigmoid(tx) - 1) * anchors.strideX(row);
                cy += (2 * sigmoid(ty) - 1) * anchors.strideY(row);
                w *= 4 * sigmoid(tw) * sigmoid(tw);
                h *= 4 * sigmoid(th) * sigmoid(th);
            }
        }
        out[outAt] = cx - w / 2;
        out[outAt + 1] = cy - h / 2;
        out[outAt + 2] = cx + w / 2;
        out[outAt + 3] = cy + h / 2;
    }

    private static float sigmoid(float x) {
        return (float) (1 / (1 + Math.exp(-x)));
    }
}
