package io.fovea.head;

/** The oracle, value by value. */
final class ScalarAbove implements Above {

    @Override
    public int next(float[] values, int from, int to, float bound) {
        int i = from;
        while (i < to && !(values[i] > bound)) {
            i++;
        }
        return i;
    }
}
