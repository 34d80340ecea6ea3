package io.fovea.train.gate;

import java.util.Arrays;
import java.util.List;

/**
 * What a gate is taught about a photo's cells. A cell is foreground when it touches a mark grown by a margin of context; it weighs so much
 * that marks of all sizes weigh about the same, because a loss per cell makes a gate that forgets small objects:
 * {@code clip((cells0 / cells)^exponent, 1, most)}, and more for marks that the detector is sure of. Cells that only a crowd
 * covers weigh nothing.
 *
 * @param least score below which a detection marks nothing
 * @param margin context, pixels of the detector's input
 * @param cells0 a mark of so many cells or more weighs 1 per cell
 * @param exponent how fast the weight rises for smaller ones
 * @param most largest weight before the next factor
 * @param sure score from which a mark weighs more
 * @param sureFactor how much more
 */
public record LabelRule(float least, float margin, float cells0, float exponent, float most, float sure,
        float sureFactor) {
    /** What was found best on plain photos; docs/gates.md. */
    public static final LabelRule DEFAULT = new LabelRule(.2f, 8, 200, .6f, 10, .4f, 2);

    /**
     * The label of each cell, row-major.
     *
     * @param target 1 for foreground, else 0
     * @param weight of the cell in the loss
     */
    record Labels(float[] target, float[] weight) {}

    Labels labels(CellGrid grid, List<Mark> marks) {
        float[] target = new float[grid.cells()];
        float[] weight = new float[grid.cells()];
        Arrays.fill(weight, 1);
        for (Mark mark : marks) {
            if (mark.kind() == Mark.Kind.CROWD) {
                each(grid, mark, 0, cell -> weight[cell] = 0);
            }
        }
        for (Mark mark : marks) {
            if (marks(mark)) {
                int[] count = {0};
                each(grid, mark, margin, cell -> count[0]++);
                float w = weight(mark, count[0]);
                each(grid, mark, margin, cell -> {
                    weight[cell] = target[cell] > 0 ? Math.max(weight[cell], w) : w;
                    target[cell] = 1;
                });
            }
        }
        return new Labels(target, weight);
    }

    /** Returns whether a mark makes foreground. */
    boolean marks(Mark mark) {
        return mark.kind() == Mark.Kind.TRUTH || mark.kind() == Mark.Kind.FOUND && mark.score() >= least;
    }

    private float weight(Mark mark, int cells) {
        float balanced = (float) Math.clamp(Math.pow(cells0 / Math.max(1, cells), exponent), 1, most);
        return mark.kind() == Mark.Kind.FOUND && mark.score() >= sure ? balanced * sureFactor : balanced;
    }

    private interface Visitor {
        void cell(int index);
    }

    private static void each(CellGrid grid, Mark mark, float margin, Visitor visitor) {
        int top = Math.max(0, (int) Math.floor((mark.top() - margin) / grid.cell()));
        int left = Math.max(0, (int) Math.floor((mark.left() - margin) / grid.cell()));
        int bottom = Math.min(grid.rows(), (int) Math.ceil((mark.bottom() + margin) / grid.cell()));
        int right = Math.min(grid.columns(), (int) Math.ceil((mark.right() + margin) / grid.cell()));
        for (int r = top; r < bottom; r++) {
            for (int c = left; c < right; c++) {
                visitor.cell(r * grid.columns() + c);
            }
        }
    }
}
