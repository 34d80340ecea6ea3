package io.fovea.kernel.cpp;

/** Cuts a length into pieces of nearly equal size. */
record Split(int length, int pieces) {
    private static final int FEW = 4;

    /** Pieces of about {@code size}; none for an empty length. */
    static Split of(int length, int size) {
        return new Split(length, length == 0 ? 0 : Math.max(1, (length + size / 2) / size));
    }

    /** Pieces of about {@code size}, but at least some for each of a few threads as far as they are of {@code least} or more. */
    static Split shared(int length, int size, int least) {
        return of(length, Math.max(Math.min(size, length / FEW), Math.min(size, least)));
    }

    /** Pieces of about {@code size}, an even number of them as far as they are of {@code least} or more: two threads then have as much to do. */
    static Split even(int length, int size, int least) {
        int pieces = of(length, size).pieces();
        int even = pieces + pieces % 2;
        return new Split(length, even > 0 && length / even >= least ? even : pieces);
    }

    /** Returns where a piece starts; {@code start(pieces)} is the length. */
    int start(int piece) {
        return (int) ((long) length * piece / Math.max(1, pieces));
    }
}
