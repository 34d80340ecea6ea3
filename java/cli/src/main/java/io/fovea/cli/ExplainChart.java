package io.fovea.cli;

import io.fovea.run.Profile;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Time and share of active sites by layer, as SVG. */
final class ExplainChart {
    private static final double WIDTH = 1180;
    private static final double LEFT = 62;
    private static final double RIGHT = 12;
    private static final double TOP = 26;
    private static final double TIME_HEIGHT = 220;
    private static final double GAP = 34;
    private static final double SHARE_HEIGHT = 90;
    private static final double FLOOR = TOP + TIME_HEIGHT;
    private static final double SHARE_FLOOR = FLOOR + GAP + SHARE_HEIGHT;
    private static final double HEIGHT = SHARE_FLOOR + 24;

    private final StringBuilder svg = new StringBuilder();
    private final List<Profile.Entry> steps;
    private final Map<String, Double> denseMicros = new HashMap<>();
    private final boolean both;
    private final double slot;
    private final double most;

    private ExplainChart(Profile dense, Profile gated) {
        both = gated != null;
        steps = both ? gated.entries() : dense.entries();
        dense.entries().forEach(e -> denseMicros.merge(e.name(), e.micros(), Double::sum));
        slot = (WIDTH - LEFT - RIGHT) / steps.size();
        double largest = steps.stream().mapToDouble(e -> Math.max(e.micros(), denseMicros(e))).max().orElse(1);
        most = Math.max(largest, 1e-3);
    }

    /**
     * Returns the chart.
     *
     * @param dense the whole net
     * @param gated the gated one, or null
     */
    static String of(Profile dense, Profile gated) {
        ExplainChart chart = new ExplainChart(dense, gated);
        String key = gated == null
                ? "<span><i class=\"dense\"></i>time, &micro;s</span>"
                : "<span><i class=\"dense\"></i>time of the whole net, &micro;s</span><span><i class=\"gated\"></i>time when "
                        + "gated</span><span><i class=\"share\"></i>share of active sites</span>";
        return "<div class=\"key\">" + key + "</div>\n" + chart.draw();
    }

    private double denseMicros(Profile.Entry e) {
        return denseMicros.getOrDefault(e.name(), 0.0);
    }

    private String draw() {
        double height = both ? HEIGHT : FLOOR + 24;
        add("<svg class=\"chart\" role=\"img\" aria-label=\"Time and active share of every layer\" viewBox=\"0 0 %.0f %.0f\">\n",
                WIDTH, height);
        bands(height - 20);
        axis(FLOOR, TIME_HEIGHT, most, step(most), "");
        if (both) {
            axis(SHARE_FLOOR, SHARE_HEIGHT, 100, 50, " %");
        }
        add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">step</text>\n", LEFT - 8, height - 5);
        for (int i = 0; i < steps.size(); i++) {
            bar(i, height);
        }
        return svg.append("</svg>").toString();
    }

    /** Marks which layers work on the same resolution. */
    private void bands(double bottom) {
        int bands = 0;
        for (int i = 0; i < steps.size();) {
            String map = map(steps.get(i));
            int end = i;
            while (end < steps.size() && map(steps.get(end)).equals(map)) {
                end++;
            }
            double x = x(i);
            if (bands++ % 2 == 0) {
                add("<rect class=\"band\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", x, TOP - 18,
                        (end - i) * slot, bottom - TOP + 18);
            }
            if ((end - i) * slot > 7.2 * map.length()) {
                add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n", x + (end - i) * slot / 2, TOP - 5,
                        map);
            }
            i = end;
        }
    }

    private void axis(double floor, double height, double top, double every, String unit) {
        for (double value = 0; value <= top * 1.0001; value += every) {
            double y = floor - height * value / top;
            add("<line class=\"axis\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
                    + "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", LEFT, y, WIDTH - RIGHT, y,
                    LEFT - 8,
                    y + 4, label(value) + unit);
        }
    }

    private void bar(int i, double height) {
        Profile.Entry e = steps.get(i);
        double dense = denseMicros(e);
        double x = x(i);
        double tall = TIME_HEIGHT * dense / most;
        add("<rect class=\"dense\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>", x + 0.08 * slot,
                FLOOR - tall,
                0.84 * slot, tall);
        String share = "";
        if (both) {
            double low = TIME_HEIGHT * e.micros() / most;
            add("<rect class=\"gated\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>", x + 0.26 * slot,
                    FLOOR - low, 0.48 * slot, low);
            double active = (double) e.active() / e.sites();
            add("<rect class=\"share\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>", x + 0.08 * slot,
                    SHARE_FLOOR - SHARE_HEIGHT * active, 0.84 * slot, SHARE_HEIGHT * active);
            share = String.format(Locale.ROOT, ", gated %.1f \u00b5s with %s of its sites", e.micros(),
                    ExplainPage.percent(active));
        }
        if (i % 5 == 0) {
            add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%d</text>", x + slot / 2, height - 5, i + 1);
        }
        add("<rect class=\"slot\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\"><title>%s</title></rect>\n", x,
                TOP,
                slot, height - TOP - 20, ExplainPage.escape(String.format(Locale.ROOT,
                        "%d. %s (%s, %s): %.1f \u00b5s", i + 1, e.name(), e.operator(), e.shape(), dense) + share));
    }

    private double x(int i) {
        return LEFT + i * slot;
    }

    private static String map(Profile.Entry e) {
        String out = e.shape().substring(e.shape().lastIndexOf(' ') + 1);
        return out.substring(0, out.lastIndexOf('x'));
    }

    /** Returns a round step that divides the axis into three to six parts. */
    private static double step(double top) {
        double power = Math.pow(10, Math.floor(Math.log10(top)));
        for (double factor : new double[]{0.2, 0.5, 1, 2}) {
            if (top / (factor * power) <= 6) {
                return factor * power;
            }
        }
        return 2 * power;
    }

    private static String label(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : String.valueOf((float) value);
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
