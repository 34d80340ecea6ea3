package io.fovea.image;

import java.util.function.IntFunction;

/** Keeps the tables of the last few source extents. Readers never wait: the array of entries is replaced, not changed. */
final class TableCache<T> {
    private static final int SIZE = 4;

    private record Entry<T>(int extent, T table) {}

    private final IntFunction<T> maker;
    private volatile Entry<?>[] entries = {};

    TableCache(IntFunction<T> maker) {
        this.maker = maker;
    }

    @SuppressWarnings("unchecked")
    T get(int extent) {
        Entry<?>[] known = entries;
        for (Entry<?> entry : known) {
            if (entry.extent == extent) {
                return (T) entry.table;
            }
        }
        T table = maker.apply(extent);
        Entry<?>[] next = new Entry<?>[Math.min(SIZE, known.length + 1)];
        next[0] = new Entry<>(extent, table);
        System.arraycopy(known, 0, next, 1, next.length - 1);
        entries = next;
        return table;
    }
}
