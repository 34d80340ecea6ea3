package io.fovea.lab.prune;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Searches anchor sets that trade average precision against cost. From a set every single removal is tried; a gain beyond chance, or
 * a removal without any effect, is taken at once; otherwise the removals that no other one dominates are kept, and those that enter
 * the global front are gone on from. Sets wait in a queue ordered by average precision lost per cost saved, with ties broken by
 * the sets themselves, so a search gives the same front on every run (the published algorithm's order is that of a hash set).
 */
public final class AnchorSearch {
    private final AnchorScorer scorer;
    private final CostModel cost;
    private final Journal journal;
    private final Settings settings;
    private final Progress progress;
    private final ParetoFront front = new ParetoFront();
    private final Set<AnchorSet> expanded = new HashSet<>();
    private int evaluated;

    /**
     * How a search runs.
     *
     * @param axis cost that orders the queue
     * @param minAp sets below it are dropped
     * @param maxEvaluations sets to judge at most; the search ends earlier when nothing is left
     */
    public record Settings(CostModel.Axis axis, double minAp, int maxEvaluations) {}

    /** Is told how far a search is. */
    public interface Progress {
        /** Called after each step with the number of sets judged, waiting, and on the front; throws to stop. */
        void step(int evaluated, int waiting, int front);
    }

    /** Makes a search. */
    public AnchorSearch(AnchorScorer scorer, CostModel cost, Journal journal, Settings settings, Progress progress) {
        this.scorer = scorer;
        this.cost = cost;
        this.journal = journal;
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Searches from a set; may be called again from another set, the front then holds what both found.
     *
     * @throws UncheckedIOException if the journal cannot be written
     */
    public ParetoFront run(SearchSpace space, AnchorSet start) {
        Candidate root = judged(start);
        front.offer(root);
        Comparator<Candidate> byLoss = Comparator.comparingDouble(c -> loss(root.score(), c.score()));
        PriorityQueue<Candidate> queue = new PriorityQueue<>(byLoss.thenComparing(Candidate::kept));
        queue.add(root);
        while (!queue.isEmpty() && evaluated < settings.maxEvaluations()) {
            Candidate node = queue.poll();
            if (!expanded.add(node.kept())) {
                continue;
            }
            for (Candidate child : chosen(node, children(node, space))) {
                if (front.offer(child)) {
                    queue.add(child);
                }
            }
            flush();
            progress.step(evaluated, queue.size(), front.size());
        }
        return front;
    }

    /**
     * Reduces heads with many anchors level by level: in each level the shape whose removal leaves the best average precision goes,
     * until at most {@code limit} are left. Everything judged on the way is offered to the front.
     *
     * @return the reduced set, from which {@link #run} can go on
     */
    public AnchorSet reduceLevels(AnchorSet start, int limit) {
        Candidate at = judged(start);
        front.offer(at);
        for (int level = 0; level < cost.head().levels().size(); level++) {
            SearchSpace space = SearchSpace.oneLevel(cost.head(), level);
            while (cost.head().perLevel(at.kept())[level] > limit) {
                List<Candidate> children = children(at, space);
                children.forEach(front::offer);
                at = best(children);
                flush();
                progress.step(evaluated, 0, front.size());
            }
        }
        return at.kept();
    }

    /** Returns the front so far. */
    public ParetoFront front() {
        return front;
    }

    /** Returns how many sets were asked for, known ones included. */
    public int evaluated() {
        return evaluated;
    }

    private List<Candidate> chosen(Candidate node, List<Candidate> children) {
        List<Candidate> without = children.stream().filter(c -> c.score().ap() == node.score().ap()).toList();
        if (!without.isEmpty()) {
            return List.of(cheapest(without));
        }
        Candidate best = children.isEmpty() ? null : best(children);
        if (best != null && best.score().ap() > node.score().ap()
                && best.score().ap() - node.score().ap() > noise(node.kept(), best.kept())) {
            return List.of(best);
        }
        ParetoFront local = new ParetoFront();
        children.stream().filter(c -> c.score().ap() >= settings.minAp()).forEach(local::offer);
        return local.members();
    }

    private Candidate best(List<Candidate> from) {
        return from.stream().max(Comparator.comparingDouble((Candidate c) -> c.score().ap())
                .thenComparing(c -> c, byCost().reversed())).orElseThrow();
    }

    private Candidate cheapest(List<Candidate> from) {
        return from.stream().min(byCost()).orElseThrow();
    }

    private Comparator<Candidate> byCost() {
        return Comparator.comparingDouble((Candidate c) -> CostModel.cost(c.score(), settings.axis()))
                .thenComparing(Candidate::kept);
    }

    /**
     * Returns what orders the queue, smallest first: precision lost per cost saved; below 0, and the lower the more, precision gained times
     * cost saved. (A gain over a small saving must not come before everything.)
     */
    private double loss(Score root, Score score) {
        double saved = CostModel.cost(root, settings.axis()) - CostModel.cost(score, settings.axis());
        double lost = root.ap() - score.ap();
        return saved <= 0 ? 0 : lost > 0 ? lost / saved : lost * saved;
    }

    private Candidate judged(AnchorSet kept) {
        Double known = journal.get(kept);
        double ap = known != null ? known : scorer.score(kept);
        evaluated++;
        note(kept, ap);
        return new Candidate(kept, cost.score(kept, ap));
    }

    private List<Candidate> children(Candidate node, SearchSpace space) {
        List<AnchorSet> sets = space.children(node.kept());
        List<AnchorSet> unknown = sets.stream().filter(s -> journal.get(s) == null).toList();
        if (!unknown.isEmpty()) {
            double[] ap = scorer.scoreChildren(node.kept(), unknown);
            for (int i = 0; i < ap.length; i++) {
                note(unknown.get(i), ap[i]);
            }
        }
        evaluated += sets.size();
        List<Candidate> children = new ArrayList<>();
        for (AnchorSet s : sets) {
            children.add(new Candidate(s, cost.score(s, journal.get(s))));
        }
        return children;
    }

    private double noise(AnchorSet base, AnchorSet candidate) {
        Double known = journal.getNoise(base, candidate);
        double value = known != null ? known : scorer.noise(base, candidate);
        try {
            journal.putNoise(base, candidate, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return value;
    }

    private void note(AnchorSet kept, double ap) {
        try {
            journal.put(kept, ap);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void flush() {
        try {
            journal.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
