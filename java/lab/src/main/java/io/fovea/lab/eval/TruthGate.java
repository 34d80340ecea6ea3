package io.fovea.lab.eval;

import io.fovea.gate.Gate;
import io.fovea.image.Image;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.Truth;
import io.fovea.sites.Mask;
import java.util.Set;

/**
 * A gate that knows the answer: foreground is every cell that a true box grown by a margin touches. It tells what a perfect gate would be
 * worth. The photo is named by the calling thread before it asks.
 */
public final class TruthGate implements Gate {
    private final int margin;
    private final int cell;
    private final Set<Integer> categories;
    private final Gate eyes;
    private final ThreadLocal<Photo> current = new ThreadLocal<>();

    /**
     * Makes a gate.
     *
     * @param margin pixels of the net's input by which boxes are grown on each side
     * @param cell cell size of the masks in input pixels
     * @param categories ids of the categories whose objects count
     */
    public TruthGate(int margin, int cell, Set<Integer> categories) {
        this(margin, cell, categories, null);
    }

    /**
     * Makes a gate that sees the photo through another one: its answers carry that one's periphery.
     *
     * @param margin pixels of the net's input by which boxes are grown on each side
     * @param cell cell size of the masks in input pixels
     * @param categories ids of the categories whose objects count
     * @param eyes the other gate, or null for none
     */
    public TruthGate(int margin, int cell, Set<Integer> categories, Gate eyes) {
        this.eyes = eyes;
        this.margin = margin;
        this.cell = cell;
        this.categories = Set.copyOf(categories);
    }

    /** Names the photo that this thread asks about next. */
    public void enter(Photo photo) {
        current.set(photo);
    }

    @Override
    public String name() {
        return "true boxes";
    }

    @Override
    public Mask mask(Image image, int inputHeight, int inputWidth) {
        Photo photo = current.get();
        if (photo == null) {
            throw new IllegalStateException("no photo was named to the gate of true boxes");
        }
        double scaleX = (double) inputWidth / image.width();
        double scaleY = (double) inputHeight / image.height();
        Mask mask = Mask.uniform(inputHeight, inputWidth, cell, false);
        for (Truth t : photo.truths()) {
            if (categories.contains(t.category())) {
                mask = mask.withRectangle((float) (t.x() * scaleX - margin), (float) (t.y() * scaleY - margin),
                        (float) ((t.x() + t.width()) * scaleX + margin),
                        (float) ((t.y() + t.height()) * scaleY + margin));
            }
        }
        return mask;
    }

    @Override
    public Answer look(Image image, int inputHeight, int inputWidth) {
        Mask mask = mask(image, inputHeight, inputWidth);
        if (eyes == null) {
            return new Answer(mask, 0);
        }
        Answer seen = eyes.look(image, inputHeight, inputWidth);
        return new Answer(mask, seen.periphery(), seen.macs(), seen::close);
    }

    @Override
    public long macs() {
        return eyes == null ? 0 : eyes.macs();
    }
}
