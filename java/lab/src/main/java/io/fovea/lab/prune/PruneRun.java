package io.fovea.lab.prune;

import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.format.DetectorSpec;
import io.fovea.format.Model;
import io.fovea.graph.Cost;
import io.fovea.image.Image;
import io.fovea.lab.data.DataException;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.LabelMap;
import io.fovea.lab.data.Photo;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Anchor pruning from photos to a chosen set: the net runs once over all photos, half of them are searched upon, the others only
 * reported upon. Everything that was computed stays in the output folder, so a run can be stopped and resumed.
 */
public final class PruneRun implements Closeable {
    private static final int DRAWS = 1000;
    private static final int TIMED_PHOTOS = 8;
    private static final int TIMED_ROUNDS = 3;
    private static final int TIMED_MEMBERS = 24;
    private static final double NEAR = .01;

    /**
     * What to do.
     *
     * @param searchShare share of the photos that the search sees, within (0, 1)
     * @param maxDrop average precision on the search photos that the chosen set may lose
     * @param maxCost share of the whole head's cost that the chosen set may have, at most; below 1, it is the best on the search photos
     * among those, whatever it loses
     * @param axis cost that the search weighs against average precision and that the choice minimises
     * @param sharedShapes remove shapes on all levels at once, or whole levels
     * @param layerLimit first reduce each level to this many anchors, 0 for not
     * @param maxSets sets to judge at most
     * @param threshold scores at or below it take no part
     * @param threads worker threads
     * @param timeFront whether to measure the base, the chosen set and at most 24 others of the front
     */
    public record Options(double searchShare, double maxDrop, double maxCost, CostModel.Axis axis, boolean sharedShapes,
            int layerLimit,
            int maxSets, float threshold, int threads, boolean timeFront) {}

    private final Model model;
    private final Options options;
    private final Dataset data;
    private final Path photos;
    private final Path out;
    private final HeadCost head;
    private final RowCache cache;
    private final CachedScorer search;
    private final CachedScorer report;
    private final int searchPhotos;
    private final int reportPhotos;
    private final String identity;

    private PruneRun(Model model, Dataset data, Path photos, Path out, Options options, RowCache cache,
            String identity) {
        this.model = model;
        this.data = data;
        this.photos = photos;
        this.out = out;
        this.options = options;
        this.cache = cache;
        this.identity = identity;
        head = HeadLayout.of(model).cost();
        int[][] parts = split(cache, data.photos(), options.searchShare());
        searchPhotos = parts[0].length;
        reportPhotos = parts[1].length;
        DetectorSpec spec = model.spec();
        LabelMap labels = LabelMap.of(spec.classes(), spec.backgroundIndex(), data);
        search = scorer(parts[0], labels);
        report = scorer(parts[1], labels);
    }

    private CachedScorer scorer(int[] part, LabelMap labels) {
        DetectorSpec.InputSpec in = model.spec().input();
        return new CachedScorer(new ScoringData(cache, part, data.photos(), labels, in.width(), in.height(),
                model.spec().nms().iouThreshold(), options.threads()), model.spec().nms(), options.threads());
    }

    /**
     * Runs the net over the photos, unless the output folder holds the rows of the same model and photos already.
     *
     * @param model the detector
     * @param modelId what identifies its weights, for example a hash of its file
     * @param data photos with objects
     * @param photos folder of the photos
     * @param out folder for all that is written, made when absent
     * @param options settings
     * @param step called after each photo
     * @throws DataException if fewer than two photos can be read
     */
    public static PruneRun prepare(Model model, String modelId, Dataset data, Path photos, Path out, Options options,
            Runnable step) throws IOException {
        HeadLayout.of(model);
        LabelMap.of(model.spec().classes(), model.spec().backgroundIndex(), data.limit(0).withPhotos(List.of()));
        Files.createDirectories(out);
        String rows = "model " + modelId + " data " + data.name() + " " + ids(data) + " threshold "
                + options.threshold();
        Path file = out.resolve("rows.cache");
        RowCache cache = RowCache.open(file, rows);
        if (cache == null) {
            try (Detector detector = Detector.open(model,
                    DetectorOptions.builder().threads(1).headGate(false).build())) {
                new RowCollector(detector, options.threshold()).collect(data, photos, options.threads(), file, rows,
                        step);
            }
            cache = RowCache.open(file, rows);
        }
        try {
            return new PruneRun(model, data, photos, out, options, cache, rows);
        } catch (RuntimeException e) {
            cache.close();
            throw e;
        }
    }

    private static String ids(Dataset data) {
        long hash = 17;
        for (Photo p : data.photos()) {
            hash = hash * 1_000_003 + p.id();
            for (var t : p.truths()) {
                hash = hash * 1_000_003 + t.hashCode();
            }
        }
        return data.photos().size() + " photos " + Long.toHexString(hash);
    }

    /** Splits the readable photos; the same photos and share give the same parts. */
    private static int[][] split(RowCache cache, List<Photo> photos, double share) {
        int[] usable = IntStream.range(0, photos.size()).filter(i -> cache.width(cache.block(i)) > 0)
                .toArray();
        if (usable.length < 2) {
            throw new DataException("pruning needs at least two photos that can be read, there are " + usable.length);
        }
        return PhotoSplit.of(usable, photos, share);
    }

    /** Returns the number of search photos. */
    public int searchPhotos() {
        return searchPhotos;
    }

    /** Returns the head's arithmetic. */
    public HeadCost head() {
        return head;
    }

    /**
     * Searches, judges the front on the report photos, and chooses.
     *
     * @param resume whether to take over what an earlier, stopped run has judged
     * @param progress told how far the search is
     * @param timed told after each member of the front that was measured
     */
    public PruneReport run(boolean resume, AnchorSearch.Progress progress, Runnable timed) throws IOException {
        long start = System.nanoTime();
        CostModel cost = costModel(resume);
        String whole = identity + " search " + options.searchShare() + (options.sharedShapes() ? " shared" : "");
        List<Candidate> members;
        Candidate base;
        int evaluated;
        try (Journal journal = Journal.open(out.resolve("search.journal"), head.shapes(), whole, resume)) {
            double baseAp = search.score(head.all());
            base = new Candidate(head.all(), cost.score(head.all(), baseAp));
            AnchorSearch anchors = new AnchorSearch(search, cost, journal,
                    new AnchorSearch.Settings(options.axis(), .8 * baseAp, options.maxSets()), progress);
            AnchorSet from = head.all();
            if (options.layerLimit() > 0) {
                from = anchors.reduceLevels(from, options.layerLimit());
            }
            SearchSpace space = options.sharedShapes()
                    ? SearchSpace.sharedShapes(head)
                    : SearchSpace.singleShapes(head);
            members = anchors.run(space, from).members();
            evaluated = anchors.evaluated();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return report(members, base, evaluated, seconds, timed);
    }

    private PruneReport report(List<Candidate> members, Candidate base, int evaluated, double seconds, Runnable timed) {
        Candidate chosen = choose(members, base);
        List<Image> some = options.timeFront() ? timedPhotos() : List.of();
        List<FrontMember> front = new ArrayList<>();
        int every = Math.max(1, (members.size() + TIMED_MEMBERS - 1) / TIMED_MEMBERS);
        for (int i = 0; i < members.size(); i++) {
            Candidate c = members.get(i);
            boolean told = c.kept().equals(chosen.kept()) || c.kept().equals(base.kept());
            front.add(member(c, told || i % every == 0 ? some : List.of()));
            timed.run();
        }
        FrontMember of = front.stream().filter(m -> m.candidate().kept().equals(chosen.kept())).findFirst()
                .orElseGet(() -> member(chosen, some));
        FrontMember from = front.stream().filter(m -> m.candidate().kept().equals(base.kept())).findFirst()
                .orElseGet(() -> member(base, some));
        double[] gains = report.resampledGains(base.kept(), chosen.kept(), DRAWS);
        double[] own = report.resampledAp(base.kept(), DRAWS);
        Arrays.sort(gains);
        Arrays.sort(own);
        long net = Cost.of(model.graph()).macs();
        long chosenNet = Cost.of(HeadRewriter.keepAnchors(model, chosen.kept()).graph()).macs();
        return new PruneReport(model.spec().name(), head, net, searchPhotos, reportPhotos, from, of, chosenNet,
                of.reportAp() - from.reportAp(), quantile(gains, .025), quantile(gains, .975), quantile(own, .025),
                quantile(own, .975), front, evaluated, seconds);
    }

    /**
     * Returns the member to be written: of those that lose no more than allowed, the cheapest; of those that cost at most {@value #NEAR} of
     * the whole head more than it, the one with the fewest shapes.
     */
    private Candidate choose(List<Candidate> members, Candidate base) {
        if (options.maxCost() < 1) {
            double most = options.maxCost() * CostModel.cost(base.score(), options.axis());
            return members.stream().filter(c -> CostModel.cost(c.score(), options.axis()) <= most)
                    .max(Comparator.comparingDouble((Candidate c) -> c.score().ap())
                            .thenComparing(c -> CostModel.cost(c.score(), options.axis()), Comparator.reverseOrder())
                            .thenComparing(Candidate::kept))
                    .orElseThrow(
                            () -> new DataException("no set of anchors found that costs at most " + options.maxCost()
                                    + " of the whole head"));
        }
        List<Candidate> allowed = members.stream()
                .filter(c -> c.score().ap() >= base.score().ap() - options.maxDrop()).toList();
        double least = allowed.stream().mapToDouble(c -> CostModel.cost(c.score(), options.axis())).min().orElse(0);
        double most = least + NEAR * CostModel.cost(base.score(), options.axis());
        return allowed.stream().filter(c -> CostModel.cost(c.score(), options.axis()) <= most)
                .min(Comparator.comparingInt((Candidate c) -> c.kept().size())
                        .thenComparingDouble(c -> CostModel.cost(c.score(), options.axis()))
                        .thenComparing(Candidate::kept))
                .orElse(base);
    }

    private FrontMember member(Candidate c, List<Image> some) {
        HeadTimer.Times times = some.isEmpty()
                ? null
                : HeadTimer.measure(HeadRewriter.keepAnchors(model, c.kept()), some, TIMED_ROUNDS,
                        options.threshold());
        return new FrontMember(c, report.score(c.kept()), times);
    }

    private static double quantile(double[] sorted, double q) {
        return sorted[(int) Math.round(q * (sorted.length - 1))];
    }

    private List<Image> timedPhotos() {
        List<Image> some = new ArrayList<>();
        for (int i = 0; i < data.photos().size() && some.size() < TIMED_PHOTOS; i++) {
            Path file = photos.resolve(data.photos().get(i).file());
            if (cache.width(cache.block(i)) > 0 && Files.isRegularFile(file)) {
                some.add(Image.read(file));
            }
        }
        return some;
    }

    /** Time per multiply-accumulate and per box is measured once and kept, so that a resumed search sees the same costs. */
    private CostModel costModel(boolean resume) throws IOException {
        if (options.axis() != CostModel.Axis.TIME) {
            return new CostModel(head);
        }
        Path file = out.resolve("time-model.txt");
        if (!resume || !Files.exists(file)) {
            HeadTimer.Times t = HeadTimer.measure(model, timedPhotos(), TIMED_ROUNDS, options.threshold());
            Files.writeString(file, 1e6 * t.head() / head.macs(head.all()) + " "
                    + 1e6 * (t.decode() + t.nms()) / head.boxes(head.all()) + "\n");
        }
        String[] part = Files.readString(file).strip().split(" ");
        try {
            return new CostModel(head, Double.parseDouble(part[0]), Double.parseDouble(part[1]));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException(file + " cannot be read; start without --resume", e);
        }
    }

    /** Returns the model with the chosen shapes only. */
    public Model pruned(AnchorSet kept) {
        return HeadRewriter.keepAnchors(model, kept);
    }

    @Override
    public void close() {
        cache.close();
    }
}
