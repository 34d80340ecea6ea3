package io.fovea.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fovea.run.Books;
import io.fovea.run.Profile;
import io.fovea.sites.Mask;
import java.io.PrintWriter;
import java.util.Locale;

/** A profile as a table for people and as lines of JSON. */
final class ProfileTable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ProfileTable() {
    }

    static void print(Profile profile, Mask mask, double breakEven, PrintWriter out) {
        Books books = profile.books();
        if (mask != null) {
            out.println(mask + (profile.masked() || mask.isFull()
                    ? ""
                    : text("; ignored, since it leaves more than %.0f %% of the MACs (break-even)", 100 * breakEven)));
        }
        double sum = profile.sumMicros();
        TextTable table = new TextTable("", ">#", "step", "operator", "shape", "kernel", ">us", ">share", ">GMAC/s",
                ">active", ">dense", ">executed", ">non-zero");
        if (profile.masked()) {
            table.row("", "sites and tables", "", "", "", micros(profile.sitesMicros()),
                    share(profile.sitesMicros(), sum));
        }
        int number = 0;
        for (Profile.Entry e : profile.entries()) {
            boolean counts = e.macs().dense() + e.macs().gate() > 0;
            table.row(++number, e.name(), e.operator(), e.shape(), e.kernel(), micros(e.micros()),
                    share(e.micros(), sum), counts ? text("%.1f", e.gigaMacsPerSecond()) : "",
                    share(e.active(), e.sites()), macs(e.macs().dense()),
                    macs(e.macs().executed() + e.macs().gate()), macs(e.macs().nonZero()));
        }
        table.row("", "sum", "", "", "", micros(sum), "100.0 %",
                text("%.1f", (books.executed() + books.gate() - books.frontGate()) / sum / 1000), "",
                macs(books.dense()), macs(books.executed() + books.gate() - books.frontGate()), macs(books.nonZero()));
        table.print(out);
        out.println();
        out.println(text("Whole run %.0f us, sum of the steps %.0f us (%+.1f %%); medians of %d rounds",
                profile.wholeMicros(), sum, 100 * (sum / profile.wholeMicros() - 1), profile.rounds()));
        out.println("MACs: dense " + total(books.dense(), books) + ", executed " + total(books.executed(), books)
                + ", non-zero " + total(books.nonZero(), books) + ", gates " + total(books.gate(), books));
        out.flush();
    }

    private static String total(long macs, Books books) {
        return Lines.count(macs) + (books.dense() == 0 ? "" : " (" + share(macs, books.dense()) + ")");
    }

    /** Returns one line per step, then one for choosing the sites and one for the whole run. */
    static String json(Profile profile, String model, int threads) {
        StringBuilder lines = new StringBuilder();
        for (Profile.Entry e : profile.entries()) {
            ObjectNode row = JSON.createObjectNode();
            row.put("step", e.name()).put("operator", e.operator()).put("shape", e.shape()).put("kernel", e.kernel())
                    .put("micros", round(e.micros())).put("share", round(e.micros() / profile.sumMicros()))
                    .put("gigaMacsPerSecond", round(e.gigaMacsPerSecond())).put("activeSites", e.active())
                    .put("sites", e.sites());
            macs(row, e.macs().dense(), e.macs().executed(), e.macs().nonZero(), e.macs().gate());
            lines.append(row).append('\n');
        }
        Books books = profile.books();
        ObjectNode total = JSON.createObjectNode();
        total.put("model", model).put("threads", threads).put("rounds", profile.rounds())
                .put("masked", profile.masked()).put("sitesMicros", round(profile.sitesMicros()))
                .put("sumMicros", round(profile.sumMicros())).put("wholeMicros", round(profile.wholeMicros()))
                .put("executedShare", books.executedShare()).put("nonZeroShare", books.nonZeroShare());
        macs(total, books.dense(), books.executed(), books.nonZero(), books.gate());
        return lines.append(total).append('\n').toString();
    }

    private static void macs(ObjectNode row, long dense, long executed, long nonZero, long gate) {
        row.put("denseMacs", dense).put("executedMacs", executed).put("nonZeroMacs", nonZero).put("gateMacs", gate);
    }

    private static double round(double value) {
        return Math.round(value * 1e4) / 1e4;
    }

    private static String macs(long value) {
        return value == 0 ? "" : Lines.count(value);
    }

    private static String micros(double value) {
        return text("%.1f", value);
    }

    private static String share(double part, double whole) {
        return text("%.1f %%", 100 * part / whole);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
