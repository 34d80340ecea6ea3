package io.fovea.bench;

import io.fovea.cli.Lines;
import io.fovea.cli.TextTable;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** The tables that a comparison prints. */
final class BenchTables {
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
     * Prints the masked rows of each net: s is the share of dense MACs that was executed, "of dense" the median over that of our own
     * dense run, "limit" s + 0.04.
     */
    static void masked(List<Row> rows, List<OurNet> nets, PrintWriter out) {
        for (OurNet net : nets) {
            List<Row> own = rows.stream()
                    .filter(row -> row.engine().equals(FoveaEngine.NAME) && row.tier().equals(net.tier()))
                    .toList();
            double dense = own.get(0).medianMillis();
            TextTable table = new TextTable("  ", "mask", ">active", ">executed s", ">median ms", ">min", ">p90",
                    ">of dense",
                    ">limit", ">ratio");
            boolean any = false;
            for (Row row : own) {
                if (row.mask() != null) {
                    any = true;
                    table.row(row.mask(), three(row.active()), three(row.executedShare()),
                            Lines.millis(row.medianMillis()),
                            Lines.millis(row.minMillis()), Lines.millis(row.p90Millis()),
                            three(row.medianMillis() / dense),
                            three(row.executedShare() + 0.04), ratio(row.ratio()));
                }
            }
            if (any) {
                out.println();
                out.println("  masked, kernels " + net.tier() + String.format(Locale.ROOT, ", break-even at s = %.2f",
                        net.session().breakEven()));
                table.print(out);
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
