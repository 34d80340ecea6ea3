package io.fovea;

import io.fovea.gate.Gate;
import io.fovea.image.Image;
import io.fovea.sites.Mask;
import java.util.List;

/** Where a stream computes what changed: motion, joined with its gates. Belongs to one stream; not thread-safe. */
final class StreamPlaces {
    private final Gate always;
    private final Gate within;
    private final int reach;
    private final int height;
    private final int width;
    private Mask region;
    private long macs;

    /**
     * Makes the places of a stream.
     *
     * @param options of the stream
     * @param height height of the net's input
     * @param width width of the net's input
     */
    StreamPlaces(VideoOptions options, int height, int width) {
        this.always = options.always();
        this.within = options.within();
        this.reach = options.motion().dilation() * options.motion().cell();
        this.height = height;
        this.width = width;
    }

    /** Begins a frame. */
    void begin(Image frame) {
        macs = 0;
        region = within != null && within.isRestriction() ? ask(within, frame) : null;
    }

    /** Returns the region that the frame is restricted to; null when it is not. */
    Mask region() {
        return region;
    }

    /** Returns the multiply-accumulates of the gates that were asked in this frame. */
    long macs() {
        return macs;
    }

    private Mask ask(Gate gate, Image frame) {
        try (Gate.Answer answer = gate.look(frame, height, width)) {
            macs += answer.macs();
            return answer.mask();
        }
    }

    /** Returns what of a key frame is computed. */
    Mask ofKey(Mask all, boolean complete) {
        return region != null && complete ? region : all;
    }

    /**
     * Returns what of another frame is computed.
     *
     * @param moving what changed, grown
     * @param frame the frame
     * @param last what was found in the frame before: what changes there may be gone, and is computed
     */
    Mask of(Mask moving, Image frame, List<Detection> last) {
        Mask places = moving;
        if (within != null && region == null && !moving.isEmpty()) {
            places = moving.intersection(ask(within, frame).union(boxes(last, frame, moving.cell())));
        }
        if (always != null) {
            places = places.union(ask(always, frame));
        }
        return region == null ? places : places.intersection(region);
    }

    private Mask boxes(List<Detection> found, Image frame, int cell) {
        Mask boxes = Mask.uniform(height, width, cell, false);
        float scaleX = (float) width / frame.width();
        float scaleY = (float) height / frame.height();
        for (Detection d : found) {
            Box b = d.box();
            boxes = boxes.withRectangle(b.x() * scaleX, b.y() * scaleY, (b.x() + b.width()) * scaleX,
                    (b.y() + b.height()) * scaleY);
        }
        return boxes.dilate(reach);
    }

    /** Returns what counts as seen when some cells were computed: what lies outside the region does not matter any more. */
    Mask seen(Mask computed) {
        return region == null ? computed : computed.union(region.complement());
    }
}
