package io.fovea.cli;

import io.fovea.cli.ExplainCommand.Look;
import io.fovea.image.Image;
import io.fovea.run.Books;
import io.fovea.run.Profile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The page of {@code explain}: a template with its slots filled. */
final class ExplainPage {
    private final Look dense;
    private final Look gated;

    private ExplainPage(Look dense, Look gated) {
        this.dense = dense;
        this.gated = gated;
    }

    /**
     * Returns the page as HTML.
     *
     * @param dense the whole net
     * @param gated the gated one, or null when there is no gate
     */
    static String of(Path photo, Image image, Look dense, Look gated) throws IOException {
        ExplainPage page = new ExplainPage(dense, gated);
        ExplainPictures pictures = new ExplainPictures(image, dense, gated);
        Map<String, String> slots = new LinkedHashMap<>();
        String name = String.valueOf(photo.getFileName());
        slots.put("title", escape(name) + " - Fovea");
        slots.put("heading", escape(name));
        slots.put("setting", escape(image.width() + "x" + image.height() + " pixels; "
                + (gated == null ? dense : gated).setting()));
        slots.put("photo", pictures.photo());
        slots.put("notes", page.notes());
        slots.put("tiles", page.tiles(pictures));
        slots.put("legend", gated == null ? "" : pictures.legend());
        slots.put("pictures", pictures.figures());
        slots.put("chart", ExplainChart.of(dense.profile(), gated == null ? null : gated.profile()));
        slots.put("sites", page.sites());
        slots.put("books", page.books());
        return fill(template(), slots);
    }

    private static String template() throws IOException {
        try (InputStream stream = ExplainPage.class.getResourceAsStream("explain.html")) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Replaces every {@code {{slot}}} of the template, once, so that a value may hold anything. */
    private static String fill(String template, Map<String, String> slots) {
        StringBuilder page = new StringBuilder();
        int at = 0;
        for (int open = template.indexOf("{{"); open >= 0; open = template.indexOf("{{", at)) {
            int close = template.indexOf("}}", open);
            page.append(template, at, open).append(slots.get(template.substring(open + 2, close)));
            at = close + 2;
        }
        return page.append(template.substring(at)).toString();
    }

    private String notes() {
        if (gated == null) {
            return note("No mask was given and the model carries no gate, so only the whole net is shown. Name a mask "
                    + "with --mask or --region.");
        }
        if (gated.profile() == null) {
            return note("The mask is empty in this photo: nothing is computed and nothing is found.");
        }
        if (gated.mask() != null && !gated.profile().masked()) {
            return note("The mask leaves too little to save, so the whole net was computed.");
        }
        return "";
    }

    private static String note(String text) {
        return "<p class=\"note\">" + escape(text) + "</p>";
    }

    private String tiles(ExplainPictures pictures) {
        Books all = dense.profile().books();
        double denseMillis = dense.profile().wholeMicros() / 1000;
        if (gated == null) {
            return tile(dense.result().detections().size() + "", "objects found")
                    + tile(Lines.millis(denseMillis) + " ms", "the net, median of " + dense.profile().rounds())
                    + tile(Lines.count(all.dense()), "MACs")
                    + tile(percent(all.nonZeroShare()), "of the MACs have a non-zero input");
        }
        boolean empty = gated.profile() == null;
        Books books = empty ? null : gated.profile().books();
        double millis = empty ? 0 : gated.profile().wholeMicros() / 1000;
        return tile(percent(gated.result().work().activeShare()), "of the photo is looked at")
                + tile(percent(empty ? 0 : books.executedShare()),
                        "of the MACs are executed: " + Lines.count(empty ? 0 : books.executed() + books.gate()) + " of "
                                + Lines.count(all.dense()))
                + tile(percent(millis / denseMillis), "of the time: " + Lines.millis(millis) + " of "
                        + Lines.millis(denseMillis) + " ms, medians of " + dense.profile().rounds())
                + tile(pictures.found() + " of " + dense.result().detections().size(),
                        "objects of the whole net are found" + (pictures.extra() == 0
                                ? ""
                                : ", and " + pictures.extra() + " more"))
                + tile(percent(empty ? 0 : books.nonZeroShare()),
                        "of the MACs have a non-zero input; in the whole net " + percent(all.nonZeroShare()));
    }

    private static String tile(String figure, String text) {
        return "<div class=\"tile\"><b>" + escape(figure) + "</b><small>" + escape(text) + "</small></div>\n";
    }

    /** The share of active sites by resolution. */
    private String sites() {
        if (gated == null || gated.profile() == null || !gated.profile().masked()) {
            return "";
        }
        Map<String, Profile.Entry> maps = new LinkedHashMap<>();
        for (Profile.Entry e : gated.profile().entries()) {
            String out = e.shape().substring(e.shape().lastIndexOf(' ') + 1);
            maps.putIfAbsent(out.substring(0, out.lastIndexOf('x')), e);
        }
        StringBuilder sizes = new StringBuilder("<tr><th>map</th>");
        StringBuilder counts = new StringBuilder("<tr><td>active sites</td>");
        StringBuilder shares = new StringBuilder("<tr><td>share</td>");
        maps.forEach((size, e) -> {
            sizes.append("<th class=\"n\">").append(size).append("</th>");
            counts.append(number(e.active() + " of " + e.sites()));
            shares.append(number(percent((double) e.active() / e.sites())));
        });
        return "<h2>Sites by resolution</h2>\n<div class=\"card\"><table class=\"sites\"><thead>" + sizes
                + "</tr></thead><tbody>" + counts + "</tr>" + shares + "</tr></tbody></table></div>";
    }

    private String books() {
        boolean both = gated != null && gated.profile() != null;
        Profile shown = both ? gated.profile() : dense.profile();
        Map<String, Double> denseMicros = new LinkedHashMap<>();
        dense.profile().entries().forEach(e -> denseMicros.merge(e.name(), e.micros(), Double::sum));
        boolean gates = shown.books().gate() > 0;
        StringBuilder html = new StringBuilder("<table><thead><tr><th class=\"n\">#</th><th>step</th><th>shape</th>");
        for (String heading : both
                ? List.of("whole net, &micro;s", "gated, &micro;s", "active", "dense MACs", "executed", "non-zero")
                : List.of("&micro;s", "dense MACs", "executed", "non-zero")) {
            html.append("<th class=\"n\">").append(heading).append("</th>");
        }
        html.append(gates ? "<th class=\"n\">gates</th>" : "").append("</tr></thead><tbody>\n");
        if (both && shown.sitesMicros() > 0) {
            html.append("<tr><td></td><td>sites and tables</td><td></td><td></td>")
                    .append(number(micros(shown.sitesMicros()))).append("<td></td>".repeat(gates ? 5 : 4))
                    .append("</tr>\n");
        }
        int index = 0;
        for (Profile.Entry e : shown.entries()) {
            html.append("<tr>").append(number(++index + "")).append("<td>").append(escape(e.name()))
                    .append("<small>").append(escape(e.operator() + ", " + e.kernel())).append("</small></td><td>")
                    .append(escape(e.shape())).append("</td>");
            if (both) {
                Double whole = denseMicros.get(e.name());
                html.append(number(whole == null ? "" : micros(whole)));
            }
            html.append(number(micros(e.micros())));
            if (both) {
                html.append(number(percent((double) e.active() / e.sites())));
            }
            macs(html, gates, e.macs().dense(), e.macs().executed(), e.macs().nonZero(), e.macs().gate());
        }
        Books books = shown.books();
        html.append("<tr class=\"total\"><td></td><td>total</td><td></td>");
        if (both) {
            html.append(number(micros(dense.profile().sumMicros())));
        }
        html.append(number(micros(shown.sumMicros()))).append(both ? "<td></td>" : "");
        macs(html, gates, books.dense(), books.executed(), books.nonZero(), books.gate());
        return html.append("</tbody></table>").toString();
    }

    private static void macs(StringBuilder html, boolean gates, long dense, long executed, long nonZero, long gate) {
        for (long macs : gates ? new long[]{dense, executed, nonZero, gate} : new long[]{dense, executed, nonZero}) {
            html.append(number(macs == 0 ? "" : Lines.count(macs)));
        }
        html.append("</tr>\n");
    }

    private static String number(String text) {
        return "<td class=\"n\">" + text + "</td>";
    }

    private static String micros(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f\u00a0%%", 100 * share);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
