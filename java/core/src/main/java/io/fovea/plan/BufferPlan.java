package io.fovea.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Places values in one buffer so that values alive at the same time do not overlap.
 *
 * <p>As small as possible: largest first, each at the lowest offset that is free over its lifetime. Or around centres, for several threads: each
 * thread computes its share of every value's rows, so of values whose middles are at the same address the first half is always written by
 * the same thread. Otherwise the lines that it writes lie in the cache of another processor, which is far away when the two share no cache.
 */
final class BufferPlan {
    private static final long ALIGN = 64;
    /** How much larger a buffer around centres may be. */
    private static final double MOST = 1.35;
    private final List<Lease> leases = new ArrayList<>();

    private record Lease(int value, long bytes, int from, int to) {

        boolean meets(Lease other) {
            return other.from <= to && from <= other.to;
        }
    }

    private record Placed(long offset, long end, int from, int to) {}

    /** Asks for room for a value that is written by step {@code from} and last read by step {@code to}. */
    void lease(int value, long bytes, int from, int to) {
        // One line of slack, so that a kernel may read a whole vector at the end of the last row.
        leases.add(new Lease(value, (bytes + 2 * ALIGN - 1) / ALIGN * ALIGN, from, to));
    }

    /**
     * Places everything; writes byte offsets by value and returns the buffer's size.
     *
     * @param centred whether to place values around centres, if that takes little more room
     */
    long place(long[] offsets, boolean centred) {
        List<Lease> order = new ArrayList<>(leases);
        order.sort(Comparator.comparingLong(Lease::bytes).reversed().thenComparingInt(Lease::value));
        long least = pack(order, offsets);
        if (!centred) {
            return least;
        }
        long[] around = new long[offsets.length];
        long size = centre(order, around);
        if (size > MOST * least) {
            return least;
        }
        for (Lease lease : order) {
            offsets[lease.value] = around[lease.value];
        }
        return size;
    }

    private static long pack(List<Lease> order, long[] offsets) {
        List<Placed> placed = new ArrayList<>();
        long size = ALIGN;
        for (Lease lease : order) {
            long offset = 0;
            placed.sort(Comparator.comparingLong(Placed::offset));
            for (Placed other : placed) {
                if (other.from <= lease.to && lease.from <= other.to && other.offset < offset + lease.bytes
                        && offset < other.end) {
                    offset = other.end;
                }
            }
            placed.add(new Placed(offset, offset + lease.bytes, lease.from, lease.to));
            offsets[lease.value] = offset;
            size = Math.max(size, offset + lease.bytes);
        }
        return size;
    }

    /** Values that take turns lie around one centre; the largest comes first and says how much room there is. */
    private static long centre(List<Lease> order, long[] offsets) {
        List<List<Lease>> turns = new ArrayList<>();
        for (Lease lease : order) {
            List<Lease> turn = turns.stream().filter(t -> t.stream().noneMatch(lease::meets)).findFirst().orElse(null);
            if (turn == null) {
                turn = new ArrayList<>();
                turns.add(turn);
            }
            turn.add(lease);
        }
        long size = 0;
        for (List<Lease> turn : turns) {
            long room = turn.getFirst().bytes;
            for (Lease lease : turn) {
                offsets[lease.value] = size + (room - lease.bytes) / 2 / ALIGN * ALIGN;
            }
            size += room;
        }
        return Math.max(size, ALIGN);
    }
}
