package io.fovea.lab.eval;

import java.util.Arrays;

/** Stable sorting by score. */
final class Order {
    private Order() {
    }

    /** Returns the indices of {@code scores}, largest first, equal ones in their given order. */
    static int[] descending(double[] scores) {
        Integer[] boxed = new Integer[scores.length];
        Arrays.setAll(boxed, i -> i);
        Arrays.sort(boxed, (a, b) -> scores[a] > scores[b] ? -1 : scores[a] < scores[b] ? 1 : 0);
        int[] order = new int[boxed.length];
        Arrays.setAll(order, i -> boxed[i]);
        return order;
    }
}
