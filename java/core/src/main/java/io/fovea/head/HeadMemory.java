package io.fovea.head;

import java.util.function.IntPredicate;

/**
 * The head's rows that a stream of pictures remembers: those that scored above the decoder's threshold, with their decoded boxes. Rows
 * below it need no memory, since nothing reads them. Belongs to one stream; not thread-safe.
 */
public final class HeadMemory {
    private Candidates known = new Candidates();
    private Candidates next = new Candidates();
    private final Candidates some = new Candidates();
    private int at;

    /** Returns what is remembered, in the order of the output rows. */
    public Candidates candidates() {
        return known;
    }

    /**
     * Returns what is remembered of some output rows.
     *
     * @param wanted one flag per output row
     * @return valid until the next call
     */
    public Candidates candidates(boolean[] wanted) {
        some.clear();
        for (int i = 0; i < known.size(); i++) {
            if (wanted[known.row(i)]) {
                some.add(known, i);
            }
        }
        return some;
    }

    /** Forgets everything. */
    public void forget() {
        known.clear();
    }

    void begin() {
        next.clear();
        at = 0;
    }

    /**
     * Takes over the rows below {@code end}, from where the last call stopped: the remembered ones that pass a test and the fresh ones,
     * in the order of their rows.
     *
     * @param fresh what was just computed
     * @param from first fresh candidate that was not taken yet
     * @param end end of the level's rows
     * @param kept whether a remembered row still counts
     * @return the first fresh candidate at or behind {@code end}
     */
    int merge(Candidates fresh, int from, int end, IntPredicate kept) {
        int i = from;
        for (; at < known.size() && known.row(at) < end; at++) {
            if (kept.test(known.row(at))) {
                i = add(fresh, i, known.row(at));
                next.add(known, at);
            }
        }
        return add(fresh, i, end);
    }

    private int add(Candidates fresh, int from, int end) {
        int i = from;
        for (; i < fresh.size() && fresh.row(i) < end; i++) {
            next.add(fresh, i);
        }
        return i;
    }

    void end() {
        Candidates old = known;
        known = next;
        next = old;
    }
}
