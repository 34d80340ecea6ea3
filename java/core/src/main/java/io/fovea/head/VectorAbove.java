package io.fovea.head;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** A vector of values at a time; the rest one by one. */
final class VectorAbove implements Above {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final Above REST = new ScalarAbove();

    @Override
    public int next(float[] values, int from, int to, float bound) {
        int i = from;
        for (; i <= to - SPECIES.length(); i += SPECIES.length()) {
            VectorMask<Float> above = FloatVector.fromArray(SPECIES, values, i).compare(VectorOperators.GT, bound);
            if (above.anyTrue()) {
                return i + above.firstTrue();
            }
        }
        return REST.next(values, i, to, bound);
    }
}
