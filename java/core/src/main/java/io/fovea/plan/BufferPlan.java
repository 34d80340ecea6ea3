package io.fovea.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Places values in one buffer so that values alive at the same time do not overlap: largest first, each at the lowest offset
 * that is free over its lifetime.
 */
final class BufferPlan {
    private static final long ALIGN = 64;
    private final List<Lease> leases = new ArrayList<>();

    private record Lease(int value, long bytes, int from, int to) {}

    private record Placed(long offset, long end, int from, int to) {}

    /** Asks for room for a value that is written by step {@code from} and last read by step {@code to}. */
    void lease(int value, long bytes, int from, int to) {
        // One line of slack, so that a kernel may read a whole vector at the end of the last row.
        leases.add(new Lease(value, (bytes + 2 * ALIGN - 1) / ALIGN * ALIGN, from, to));
    }

    /** Places everything; writes byte offsets by value and returns the buffer's size. */
    long place(long[] offsets) {
        List<Lease> order = new ArrayList<>(leases);
        order.sort(Comparator.comparingLong(Lease::bytes).reversed().thenComparingInt(Lease::value));
        List<Placed> placed = new ArrayList<>();
        long size = ALIGN;
        for (Lease lease : order) {
            long offset = 0;
            placed.sort(Comparator.comparingLong(Placed::offset));
            for (Placed other : placed) {
                boolean together = other.from <= lease.to && lease.from <= other.to;
                if (together && other.offset < offset + lease.bytes && offset < other.end) {
                    offset = other.end;
                }
            }
            placed.add(new Placed(offset, offset + lease.bytes, lease.from, lease.to));
            offsets[lease.value] = offset;
            size = Math.max(size, offset + lease.bytes);
        }
        return size;
    }
}
