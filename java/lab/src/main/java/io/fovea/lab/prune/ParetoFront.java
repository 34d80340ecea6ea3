package io.fovea.lab.prune;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Candidates none of which is dominated by another. Of candidates with equal scores only the first in the order of their sets stays, so
 * that the front does not depend on the order in which candidates come. Not thread-safe.
 */
public final class ParetoFront {
    private final List<Candidate> members = new ArrayList<>();

    /** Offers a candidate; returns whether it is in the front now. */
    public boolean offer(Candidate c) {
        for (Candidate m : members) {
            if (m.kept().equals(c.kept())) {
                return false;
            }
            if (m.score().dominates(c.score())
                    || m.score().sameAs(c.score()) && m.kept().compareTo(c.kept()) < 0) {
                return false;
            }
        }
        members.removeIf(m -> c.score().noWorse(m.score()));
        members.add(c);
        return true;
    }

    /** Returns the members, best average precision first. */
    public List<Candidate> members() {
        return members.stream().sorted(Comparator.comparingDouble((Candidate c) -> -c.score().ap())
                .thenComparingLong(c -> c.score().macs()).thenComparing(Candidate::kept)).toList();
    }

    /** Returns the number of members. */
    public int size() {
        return members.size();
    }
}
