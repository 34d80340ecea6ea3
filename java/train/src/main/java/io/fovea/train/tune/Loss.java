package io.fovea.train.tune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Activation;
import io.fovea.format.DetectorSpec.ScoreActivation;
import java.util.Arrays;

/**
 * How far a student's rows are from their targets: for scores the Kullback-Leibler divergence (of each class by itself behind sigmoids, of the
 * row behind a softmax), for boxes smooth L1 in the rows' code, weighted by the score; sums over the rows, means over the views.
 *
 * @param activation what turns raw scores into scores
 * @param background column that is no class, or -1
 * @param boxWeight weight of the boxes
 * @param focus power of the difference by which each score weighs, as in generalized focal loss (Li et al., NeurIPS 2020); 0 for none
 */
record Loss(ScoreActivation activation, int background, double boxWeight, double focus) {
    private static final float TINY = 1e-6f;
    /** Rows where no score of student or target is above are left as they are. */
    private static final float LEAST = .01f;

    /**
     * Returns the loss, one value.
     *
     * @param scores raw, {@code [views][rows][columns]}
     * @param boxes raw, {@code [views][rows][4]}
     * @param scoreTargets {@code [views][rows][columns]}, in [0, 1], float16
     * @param boxTargets {@code [views][rows][5]}: raw values and weight, float16; rows of {@link Targets#ABSENT} do not count
     */
    NDArray of(NDArray scores, NDArray boxes, NDArray scoreTargets, NDArray boxTargets) {
        NDIndex rows = rows(scores, scoreTargets, boxTargets);
        if (rows == null) {
            return scores.mul(0).sum();
        }
        NDArray sum = scoreLoss(flat(scores).get(rows), flat(scoreTargets).get(rows).toType(DataType.FLOAT32, false));
        if (boxWeight > 0) {
            NDArray wanted = flat(boxTargets).get(rows).toType(DataType.FLOAT32, false);
            NDArray distance = flat(boxes).get(rows).sub(wanted.get(new NDIndex(":, 0:4"))).abs();
            NDArray near = distance.minimum(1);
            NDArray each = near.mul(distance.sub(near.mul(.5f))).mul(wanted.get(new NDIndex(":, 4:5")));
            sum = sum.add(each.mul((float) boxWeight).sum());
        }
        return sum.div((float) scores.getShape().get(0));
    }

    private static NDArray flat(NDArray x) {
        return x.reshape(-1, x.getShape().get(2));
    }

    /** Returns the rows where student or target say something, or null if there is none; the others have nothing to learn from. */
    private NDIndex rows(NDArray scores, NDArray targets, NDArray boxTargets) {
        NDArray x = scores.stopGradient();
        int columns = (int) x.getShape().get(2);
        NDArray high = switch (activation) {
            case SIGMOID -> x.gt((float) Math.log(LEAST / (1 - LEAST)));
            case SOFTMAX -> x.softmax(2).gt(LEAST);
            case NONE -> x.gt(LEAST);
            case SIGMOID_OBJECTNESS -> throw new IllegalArgumentException(
                    "a head with objectness cannot be tuned (sigmoid, softmax and none can)");
        };
        boolean[] says = high.logicalOr(targets.gt(LEAST)).toBooleanArray();
        boolean[] there = boxTargets.get(new NDIndex(":, :, 4")).gte(0).toBooleanArray();
        long[] found = new long[says.length / columns];
        int n = 0;
        for (int r = 0; r < found.length; r++) {
            boolean any = false;
            for (int c = 0; c < columns && there[r] && !any; c++) {
                any = c != background && says[r * columns + c];
            }
            if (any) {
                found[n++] = r;
            }
        }
        return n == 0 ? null : new NDIndex("{}", x.getManager().create(Arrays.copyOf(found, n)));
    }

    private NDArray scoreLoss(NDArray x, NDArray target) {
        NDArray t = target.clip(TINY, 1 - TINY);
        if (activation == ScoreActivation.SOFTMAX) {
            NDArray each = t.mul(t.log().sub(x.logSoftmax(1)));
            return focus > 0 ? each.mul(weight(x.softmax(1), target)).sum() : each.sum();
        }
        NDArray rest = t.mul(-1).add(1);
        NDArray ownEntropy = t.mul(t.log()).add(rest.mul(rest.log()));
        NDArray cross;
        NDArray score;
        if (activation == ScoreActivation.SIGMOID) {
            cross = Activation.relu(x).sub(x.mul(t)).add(x.abs().mul(-1).exp().add(1).log());
            score = focus > 0 ? Activation.sigmoid(x) : null;
        } else {
            score = x.clip(TINY, 1 - TINY);
            cross = t.mul(score.log()).add(rest.mul(score.mul(-1).add(1).log())).mul(-1);
        }
        NDArray each = cross.add(ownEntropy);
        return focus > 0 ? each.mul(weight(score, target)).sum() : each.sum();
    }

    private NDArray weight(NDArray score, NDArray target) {
        return score.sub(target).abs().pow((float) focus).stopGradient();
    }
}
