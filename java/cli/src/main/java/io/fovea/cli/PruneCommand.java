package io.fovea.cli;

import io.fovea.format.Model;
import io.fovea.format.OnnxReader;
import io.fovea.format.OnnxWriter;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.prune.CostModel;
import io.fovea.lab.prune.FrontFiles;
import io.fovea.lab.prune.FrontMember;
import io.fovea.lab.prune.PruneReport;
import io.fovea.lab.prune.PruneRun;
import io.fovea.lab.prune.Score;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fovea prune}. */
@Command(name = "prune", mixinStandardHelpOptions = true, sortOptions = false, //
        description = "Searches which anchor shapes a detector can do without, and writes the detector without them.", //
        footer = {"",
                "In DIR: front.csv, front.json (every member's anchors), front.png, pruned.onnx (the chosen model);",
                "rows.cache and search.journal hold what was computed, so that a stopped run can go on with --resume.",
                "",
                "Example: ./fovea prune --data instances.json --images val2017/ --out pruned/"})
final class PruneCommand implements Callable<Integer> {
    @Mixin
    private ModelOptions model;

    @Option(names = "--data", paramLabel = "FILE|DIR", required = true, //
            description = "COCO instances JSON, or a folder of PASCAL VOC XML files.")
    private Path data;

    @Option(names = "--images", paramLabel = "DIR", required = true, description = "Folder of the photos.")
    private Path images;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Folder for the results; made when absent.")
    private Path out;

    @Option(names = "--search-share", paramLabel = "SHARE", defaultValue = "0.5", //
            description = "Share of the photos that the search sees; the others judge what it found; default: ${DEFAULT-VALUE}.")
    private double searchShare;

    @Option(names = "--max-drop", paramLabel = "AP", defaultValue = "0.0", //
            description = "AP on the search photos that the chosen set may lose; default: ${DEFAULT-VALUE}.")
    private double maxDrop;

    @Option(names = "--max-cost", paramLabel = "SHARE", defaultValue = "1.0", //
            description = "Take the best set that has at most this share of the whole head's cost, whatever it loses; default: "
                    + "${DEFAULT-VALUE}, which leaves the choice to --max-drop.")
    private double maxCost;

    @Option(names = "--cost", paramLabel = "macs|boxes|time", defaultValue = "macs", //
            description = "What is to become small; default: ${DEFAULT-VALUE}.")
    private CostModel.Axis cost;

    @Option(names = "--shared-shapes", //
            description = "Remove a shape on all levels at once, or a whole level: for heads that share weights over levels.")
    private boolean sharedShapes;

    @Option(names = "--layerwise", paramLabel = "N", defaultValue = "0", //
            description = "First reduce every level to N anchors: for heads with many.")
    private int layerwise;

    @Option(names = "--max-sets", paramLabel = "N", defaultValue = "5000", //
            description = "Anchor sets to judge at most; default: ${DEFAULT-VALUE}.")
    private int maxSets;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "0", description = "Only the first N photos.")
    private int limit;

    @Option(names = "--no-times", description = "Do not measure the members of the front.")
    private boolean noTimes;

    @Option(names = "--resume", description = "Go on with what an earlier, stopped run has judged.")
    private boolean resume;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        check(searchShare > 0 && searchShare < 1, "--search-share: " + searchShare + " is not between 0 and 1");
        check(maxDrop >= 0 && maxDrop <= 1, "--max-drop: " + maxDrop + " is not within 0..1");
        check(maxCost > 0 && maxCost <= 1, "--max-cost: " + maxCost + " is not above 0 and at most 1");
        check(layerwise >= 0, "--layerwise: " + layerwise + " is below 0");
        check(maxSets >= 1, "--max-sets: " + maxSets + " is below 1");
        check(limit >= 0, "--limit: " + limit + " is below 0");
        Path file = model.file();
        Model whole = OnnxReader.read(file);
        Dataset set = Dataset.read(data).limit(limit);
        PruneRun.Options options = new PruneRun.Options(searchShare, maxDrop, maxCost, cost, sharedShapes, layerwise,
                maxSets,
                .01f,
                model.threads(), !noTimes);
        PrintWriter err = spec.commandLine().getErr();
        PruneRun run;
        try (Progress progress = new Progress("net", set.photos().size(), err)) {
            run = PruneRun.prepare(whole, hash(file), set, images, out, options, progress::step);
        }
        try (run) {
            set.problems().lines().forEach(line -> err.println("fovea: " + line));
            PruneReport report;
            try (Progress progress = new Progress("search", maxSets, err)) {
                int[] last = {0};
                report = run.run(resume, (evaluated, waiting, front) -> {
                    for (; last[0] < evaluated; last[0]++) {
                        progress.step();
                    }
                }, () -> {
                });
            }
            FrontFiles.write(report, whole.spec(), out);
            OnnxWriter.write(run.pruned(report.chosen().candidate().kept()), out.resolve("pruned.onnx"));
            print(report);
        }
        return 0;
    }

    private static String hash(Path file) throws IOException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void print(PruneReport r) {
        PrintWriter to = spec.commandLine().getOut();
        TextTable table = new TextTable("", "", ">shapes", "per level", ">boxes", ">head MACs", ">share", ">AP search",
                ">AP report", ">head ms", ">decode ms", ">NMS ms");
        row(table, "as it was", r, r.base());
        row(table, "chosen", r, r.chosen());
        table.print(to);
        to.printf(Locale.ROOT,
                "AP of the chosen set on %d photos that the search did not see: %+.4f (95 %% interval %+.4f .. %+.4f, paired "
                        + "bootstrap; AP as it was %.4f .. %.4f)%n",
                r.reportPhotos(), r.gain(), r.gainLow(), r.gainHigh(), r.baseLow(),
                r.baseHigh());
        to.printf(Locale.ROOT,
                "Whole net: %s -> %s MACs. %d sets judged on %d photos%s, %d on the front.%n",
                Lines.count(r.netMacs()), Lines.count(r.chosenNetMacs()), r.evaluated(), r.searchPhotos(),
                resume
                        ? ""
                        : String.format(Locale.ROOT, " in %.0f s (%.0f a second)", r.seconds(),
                                r.evaluated() / r.seconds()),
                r.front().size());
        to.println(out.resolve("pruned.onnx"));
    }

    private static void row(TextTable table, String name, PruneReport r, FrontMember m) {
        Score s = m.candidate().score();
        table.row(name, m.candidate().kept().size(),
                Arrays.stream(r.cost().perLevel(m.candidate().kept())).mapToObj(Integer::toString)
                        .collect(Collectors.joining("-")),
                s.boxes(), Lines.count(s.macs()), String.format(Locale.ROOT, "%.3f", 1 - r.macsSaved(m)),
                String.format(Locale.ROOT, "%.4f", s.ap()), String.format(Locale.ROOT, "%.4f", m.reportAp()),
                m.times() == null ? "-" : Lines.millis(m.times().head()),
                m.times() == null ? "-" : Lines.millis(m.times().decode()),
                m.times() == null ? "-" : Lines.millis(m.times().nms()));
    }

    private void check(boolean condition, String message) {
        if (!condition) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }
}
