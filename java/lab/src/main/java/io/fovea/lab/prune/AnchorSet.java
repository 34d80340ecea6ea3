package io.fovea.lab.prune;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The anchor shapes that a head keeps. Shapes are numbered through all levels in the order of the detector spec. Immutable; ordered
 * by size, then by its members, so that ties have one fixed outcome.
 */
public final class AnchorSet implements Comparable<AnchorSet> {
    private final int universe;
    private final long[] bits;
    private final int size;

    private AnchorSet(int universe, long[] bits) {
        this.universe = universe;
        this.bits = bits;
        this.size = Arrays.stream(bits).mapToInt(Long::bitCount).sum();
    }

    /** Returns the set of all of {@code universe} shapes. */
    public static AnchorSet all(int universe) {
        return of(universe, IntStream.range(0, universe).toArray());
    }

    /** Returns a set of some of {@code universe} shapes. */
    public static AnchorSet of(int universe, int... members) {
        long[] bits = new long[(universe + 63) / 64];
        for (int m : members) {
            if (m < 0 || m >= universe) {
                throw new IllegalArgumentException("anchor " + m + " is none of " + universe);
            }
            bits[m >> 6] |= 1L << (m & 63);
        }
        return new AnchorSet(universe, bits);
    }

    /** Returns whether the shape is kept. */
    public boolean contains(int anchor) {
        return (bits[anchor >> 6] >> (anchor & 63) & 1) != 0;
    }

    /** Returns the number of kept shapes. */
    public int size() {
        return size;
    }

    /** Returns the number of shapes of which this is a choice. */
    public int universe() {
        return universe;
    }

    /** Returns the kept shapes, ascending. */
    public int[] members() {
        return IntStream.range(0, universe).filter(this::contains).toArray();
    }

    /** Returns the set without the members of another. */
    public AnchorSet minus(AnchorSet other) {
        long[] next = bits.clone();
        for (int i = 0; i < next.length; i++) {
            next[i] &= ~other.bits[i];
        }
        return new AnchorSet(universe, next);
    }

    /** Returns the members that both sets have. */
    public AnchorSet and(AnchorSet other) {
        return minus(minus(other));
    }

    /** Returns the set as hexadecimal digits, highest shape first. */
    public String toHex() {
        StringBuilder text = new StringBuilder();
        for (int digit = (universe + 3) / 4 - 1; digit >= 0; digit--) {
            text.append(Character.forDigit((int) (bits[digit >> 4] >>> 4 * (digit & 15) & 15), 16));
        }
        return text.toString();
    }

    /**
     * Reads what {@link #toHex} wrote.
     *
     * @throws IllegalArgumentException if it has another length, other characters or members beyond the universe
     */
    public static AnchorSet fromHex(int universe, String hex) {
        int digits = (universe + 3) / 4;
        if (hex.length() != digits) {
            throw new IllegalArgumentException("'" + hex + "' is no set of " + universe + " anchors");
        }
        long[] bits = new long[(universe + 63) / 64];
        for (int i = 0; i < digits; i++) {
            int value = Character.digit(hex.charAt(digits - 1 - i), 16);
            if (value < 0 || (i == digits - 1 && universe % 4 != 0 && value >> universe % 4 != 0)) {
                throw new IllegalArgumentException("'" + hex + "' is no set of " + universe + " anchors");
            }
            bits[i >> 4] |= (long) value << 4 * (i & 15);
        }
        return new AnchorSet(universe, bits);
    }

    @Override
    public int compareTo(AnchorSet other) {
        if (size != other.size) {
            return Integer.compare(size, other.size);
        }
        for (int i = bits.length - 1; i >= 0; i--) {
            int order = Long.compareUnsigned(bits[i], other.bits[i]);
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(universe, other.universe);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof AnchorSet other && universe == other.universe && Arrays.equals(bits, other.bits);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bits) * 31 + universe;
    }

    @Override
    public String toString() {
        return Arrays.toString(members());
    }
}
