package io.fovea.lab.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnchorSearchTest {
    private static final AnchorSearch.Progress QUIET = (evaluated, waiting, front) -> {
    };

    /** Three maps; the coarser the map, the more a shape is worth and the less it costs. */
    private final HeadCost head = new HeadCost(List.of(new HeadCost.Level(64, 4, 6400, 100),
            new HeadCost.Level(16, 4, 3200, 50), new HeadCost.Level(4, 3, 800, 25)));

    /** Each shape finds objects of its own; values differ, and two shapes of a map find partly the same ones. */
    private static final class Toy implements AnchorScorer {
        private final double[] value;
        private final double noise;
        private int calls;

        Toy(int shapes, long seed, double noise) {
            Random random = new Random(seed);
            value = random.doubles(shapes, .001, .08).toArray();
            this.noise = noise;
        }

        @Override
        public double score(AnchorSet kept) {
            calls++;
            double ap = 0;
            for (int m : kept.members()) {
                ap += value[m];
            }
            if (kept.contains(0) && kept.contains(1)) {
                ap -= Math.min(value[0], value[1]);
            }
            return Math.round(ap * 1e6) / 1e6;
        }

        @Override
        public double noise(AnchorSet base, AnchorSet candidate) {
            return noise;
        }
    }

    private AnchorSearch search(AnchorScorer scorer, Journal journal) {
        return new AnchorSearch(scorer, new CostModel(head), journal,
                new AnchorSearch.Settings(CostModel.Axis.MACS, 0, 1_000_000), QUIET);
    }

    private ParetoFront bruteForce(AnchorScorer scorer) {
        ParetoFront front = new ParetoFront();
        CostModel cost = new CostModel(head);
        int n = head.shapes();
        for (int mask = 1; mask < 1 << n; mask++) {
            int bits = mask;
            AnchorSet s = AnchorSet.of(n, java.util.stream.IntStream.range(0, n).filter(i -> (bits >> i & 1) != 0)
                    .toArray());
            front.offer(new Candidate(s, cost.score(s, scorer.score(s))));
        }
        return front;
    }

    @Test
    void findsTheFrontThatBruteForceKnows() {
        Toy toy = new Toy(head.shapes(), 11, 1);
        List<Candidate> expected = bruteForce(toy).members();
        List<Candidate> found = search(toy, Journal.inMemory(head.shapes())).run(SearchSpace.singleShapes(head),
                head.all()).members();
        assertTrue(expected.size() > 10, "the toy is too simple: " + expected.size());
        assertEquals(expected, found);
    }

    @Test
    void neverReportsADominatedSetAndAlwaysTheSameOnes() {
        for (long seed = 0; seed < 20; seed++) {
            Toy toy = new Toy(head.shapes(), seed, .01);
            List<Candidate> found = search(toy, Journal.inMemory(head.shapes()))
                    .run(SearchSpace.singleShapes(head), head.all()).members();
            List<Candidate> again = search(toy, Journal.inMemory(head.shapes()))
                    .run(SearchSpace.singleShapes(head), head.all()).members();
            assertEquals(found, again, "seed " + seed);
            for (Candidate a : found) {
                assertFalse(found.stream().anyMatch(b -> b.score().dominates(a.score())), "seed " + seed);
            }
        }
    }

    @Test
    void aGainWithinChanceIsNotTakenAtOnce() {
        int n = head.shapes();
        AnchorScorer harmful = new AnchorScorer() {
            @Override
            public double score(AnchorSet kept) {
                return .3 + (kept.contains(10) ? -.01 : 0) + kept.size() * .001;
            }

            @Override
            public double noise(AnchorSet base, AnchorSet candidate) {
                return .02;
            }
        };
        List<Integer> fronts = new ArrayList<>();
        AnchorSearch careful = new AnchorSearch(harmful, new CostModel(head), Journal.inMemory(n),
                new AnchorSearch.Settings(CostModel.Axis.MACS, 0, 2), (e, w, front) -> fronts.add(front));
        careful.run(SearchSpace.singleShapes(head), head.all());
        assertTrue(careful.front().size() > 1, "other removals stay candidates");
        AnchorSearch bold = new AnchorSearch(new AnchorScorer() {
            @Override
            public double score(AnchorSet kept) {
                return harmful.score(kept);
            }

            @Override
            public double noise(AnchorSet base, AnchorSet candidate) {
                return .005;
            }
        }, new CostModel(head), Journal.inMemory(n), new AnchorSearch.Settings(CostModel.Axis.MACS, 0, 2), QUIET);
        bold.run(SearchSpace.singleShapes(head), head.all());
        assertEquals(1, bold.front().size());
        assertFalse(bold.front().members().get(0).kept().contains(10));
    }

    @Test
    void wholeLevelsMayVanish() {
        AnchorScorer onlyTheFirstLevelMatters = new AnchorScorer() {
            @Override
            public double score(AnchorSet kept) {
                return kept.and(head.level(0)).size() * .1;
            }

            @Override
            public double noise(AnchorSet base, AnchorSet candidate) {
                return 0;
            }
        };
        Candidate best = search(onlyTheFirstLevelMatters, Journal.inMemory(head.shapes()))
                .run(SearchSpace.singleShapes(head), head.all()).members().get(0);
        assertEquals(head.level(0), best.kept());
        assertEquals(4 * 6400 + 100, best.score().macs());
    }

    @Test
    void levelsAreReducedToALimit() {
        Toy toy = new Toy(head.shapes(), 3, 1);
        AnchorSet reduced = search(toy, Journal.inMemory(head.shapes())).reduceLevels(head.all(), 2);
        assertEquals(List.of(2, 2, 2), java.util.Arrays.stream(head.perLevel(reduced)).boxed().toList());
        AnchorSet last = head.level(2).and(reduced);
        List<Integer> byValue = new ArrayList<>(List.of(8, 9, 10));
        byValue.sort((a, b) -> Double.compare(toy.value[b], toy.value[a]));
        assertTrue(last.contains(byValue.get(0)) && last.contains(byValue.get(1)), last.toString());
    }

    @Test
    void sharedShapesGoTogether() {
        HeadCost even = new HeadCost(Collections.nCopies(3, new HeadCost.Level(9, 3, 90, 10)));
        SearchSpace space = SearchSpace.sharedShapes(even);
        assertEquals(3 + 3, space.children(even.all()).size());
        AnchorSet child = space.children(even.all()).get(1);
        assertEquals(List.of(2, 2, 2), java.util.Arrays.stream(even.perLevel(child)).boxed().toList());
        assertThrows(IllegalArgumentException.class, () -> SearchSpace.sharedShapes(head));
    }

    @Test
    void aStoppedSearchGoesOnWhereItWas(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("search.journal");
        int n = head.shapes();
        Toy toy = new Toy(n, 5, .01);
        List<Candidate> whole = search(toy, Journal.inMemory(n)).run(SearchSpace.singleShapes(head), head.all())
                .members();
        int needed = toy.calls;
        Toy first = new Toy(n, 5, .01);
        try (Journal journal = Journal.open(file, n, "toy 5", false)) {
            AnchorSearch stopped = new AnchorSearch(first, new CostModel(head), journal,
                    new AnchorSearch.Settings(CostModel.Axis.MACS, 0, 1_000_000), (evaluated, waiting, front) -> {
                        if (evaluated > 50) {
                            throw new IllegalStateException("stopped");
                        }
                    });
            assertThrows(IllegalStateException.class, () -> stopped.run(SearchSpace.singleShapes(head), head.all()));
        }
        Files.writeString(file, Files.readString(file) + "7f", java.nio.charset.StandardCharsets.UTF_8);
        Toy second = new Toy(n, 5, .01);
        try (Journal journal = Journal.open(file, n, "toy 5", true)) {
            assertEquals(whole, search(second, journal).run(SearchSpace.singleShapes(head), head.all()).members());
        }
        assertTrue(first.calls > 20 && second.calls < needed - 20,
                first.calls + " + " + second.calls + " of " + needed);
        assertThrows(IllegalArgumentException.class, () -> Journal.open(file, n, "toy 6", true));
        Files.writeString(file, Files.readString(file) + "zz 1\n");
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Journal.open(file, n, "toy 5", true))
                .getMessage().contains("line "));
    }
}
