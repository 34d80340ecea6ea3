package io.fovea.bench;

import io.fovea.cli.Lines;
import io.fovea.cli.TextTable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The tables that a comparison prints. */
final class BenchTables {
    /** What a mask may cost beyond its share of the MACs, as a share of the dense time. */
    private static final double OWN_SLACK = 0.04;
    /** How much of a peer's dense time the executed share may take. */
    private static final double PEER_FACTOR = 0.95;

    private BenchTables() {
    }

    /** Prints the dense rows; raw outputs are compared with those of the first engine when that is a peer. */
    static void dense(List<Engine> engines, List<Row> rows, boolean peer, PrintWriter out) throws Exception {
        TextTable table = new TextTable("  ", "engine", "kernels", ">median ms", ">min", ">p90", ">ratio",
                ">max |diff|");
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            if (row.mask() != null) {
                continue;
            }
            String difference = !peer || i == 0
                    ? ""
                    : String.format(Locale.ROOT, "%.1e",
                            Agreement.largestDifference(engines.get(i).outputs(), engines.get(0).outputs()));
            table.row(row.engine(), row.tier(), Lines.millis(row.medianMillis()), Lines.millis(row.minMillis()),
                    Lines.millis(row.p90Millis()), ratio(row.ratio()), difference);
        }
        table.print(out);
    }

    /**
     * Prints the masked rows of each net: s is the share of dense MACs that was executed; the median over that of our own dense run with
     * its limit s + 0.04; and over the peer's with its limit 0.95 s + 0.04.
     */
    static void masked(List<Row> rows, List<OurNet> nets, PrintWriter out) {
        for (OurNet net : nets) {
            List<Row> own = rows.stream()
                    .filter(row -> row.engine().equals(FoveaEngine.NAME) && row.tier().equals(net.tier()))
                    .toList();
            double dense = own.get(0).medianMillis();
            boolean peer = own.get(0).ratio() != null;
            TextTable table = peer
                    ? new TextTable("  ", "mask", ">active", ">executed s", ">median ms", ">min", ">p90", ">of dense",
                            ">limit", ">of peer", ">limit", "")
                    : new TextTable("  ", "mask", ">active", ">executed s", ">median ms", ">min", ">p90", ">of dense",
                            ">limit", "");
            int points = 0;
            int within = 0;
            for (Row row : own) {
                if (row.mask() == null) {
                    continue;
                }
                double s = row.executedShare();
                double share = row.medianMillis() / dense;
                boolean overDense = share > s + OWN_SLACK;
                boolean overPeer = peer && row.ratio() > PEER_FACTOR * s + OWN_SLACK;
                points++;
                within += overDense || overPeer ? 0 : 1;
                String verdict = overDense ? overPeer ? "over both" : "over dense's" : overPeer ? "over peer's" : "";
                List<Object> cells = new ArrayList<>(List.of(row.mask(), three(row.active()), three(s),
                        Lines.millis(row.medianMillis()), Lines.millis(row.minMillis()), Lines.millis(row.p90Millis()),
                        three(share), three(s + OWN_SLACK)));
                if (peer) {
                    cells.addAll(List.of(three(row.ratio()), three(PEER_FACTOR * s + OWN_SLACK)));
                }
                cells.add(verdict);
                table.row(cells.toArray());
            }
            if (points > 0) {
                out.println();
                out.println("  masked, kernels " + net.tier() + String.format(Locale.ROOT, ", break-even at s = %.2f",
                        net.session().breakEven()));
                table.print(out);
                out.println("  " + within + " of " + points + " points within their limits (s + " + OWN_SLACK
                        + " of our own dense time"
                        + (peer ? ", " + PEER_FACTOR + " s + " + OWN_SLACK + " of the peer's)" : ")"));
            }
        }
    }

    private static String ratio(Double value) {
        return value == null ? "" : three(value);
    }

    private static String three(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
