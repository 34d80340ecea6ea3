package io.fovea.kernel.cpp;

/** Cuts a length into pieces of nearly equal size. */
record Split(int length, int pieces) {

    /** Pieces of about {@code size}; none for an empty length. */
    static Split of(int length, int size) {
        return new Split(length, length == 0 ? 0 : Math.max(1, (length + size / 2) / size));
    }

    /** Returns where a piece starts; {@code start(pieces)} is the length. */
    int start(int piece) {
        return (int) ((long) length * piece / Math.max(1, pieces));
    }
}
