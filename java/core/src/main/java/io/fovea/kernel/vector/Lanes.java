package io.fovea.kernel.vector;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The species of all vector kernels; {@code -Dfovea.vector.bits=128|256|512} narrows it, for tests. */
final class Lanes {
    static final VectorSpecies<Float> SPECIES = species();
    static final int LENGTH = SPECIES.length();
    /** Columns of a register tile. */
    static final int PANEL = 2 * LENGTH;
    /** Rows of a register tile. */
    static final int ROWS = 6;
    static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private Lanes() {
    }

    private static VectorSpecies<Float> species() {
        return switch (Integer.getInteger("fovea.vector.bits", 0)) {
            case 128 -> FloatVector.SPECIES_128;
            case 256 -> FloatVector.SPECIES_256;
            case 512 -> FloatVector.SPECIES_512;
            default -> FloatVector.SPECIES_PREFERRED;
        };
    }
}
