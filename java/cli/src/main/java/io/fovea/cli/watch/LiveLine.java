package io.fovea.cli.watch;

import io.fovea.Detection;
import io.fovea.VideoResult;
import io.fovea.cli.Progress;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The last line of a terminal: frames per second, active share, objects. Nothing where nobody watches. */
final class LiveLine implements AutoCloseable {
    private static final long INTERVAL_NANOS = 100_000_000L;
    private static final String CLEAR = "\r\u001b[K";
    private static final int WIDTH = 78;
    private final PrintWriter err;
    private final boolean on;
    private long last;
    private long lastFrames;
    private double rate;

    LiveLine(PrintWriter err, boolean wanted) {
        this.err = err;
        this.on = wanted && Progress.isTerminal();
        this.last = System.nanoTime();
    }

    void show(int frames, long count, VideoResult result, List<Detection> shown) {
        long now = System.nanoTime();
        if (!on || now - last < INTERVAL_NANOS) {
            return;
        }
        double recent = (frames - lastFrames) * 1e9 / (now - last);
        rate = rate == 0 ? recent : 0.7 * rate + 0.3 * recent;
        last = now;
        lastFrames = frames;
        put(text(frames, count, rate, result, shown));
    }

    static String text(int frames, long count, double rate, VideoResult result, List<Detection> shown) {
        Map<String, Long> labels = shown.stream()
                .collect(Collectors.groupingBy(Detection::label, TreeMap::new, Collectors.counting()));
        String objects = labels.isEmpty()
                ? "nothing"
                : labels.entrySet().stream().map(e -> e.getValue() + " " + e.getKey())
                        .collect(Collectors.joining(", "));
        return String.format(Locale.ROOT, "frame %d%s  %.1f fps  active %3.0f %%%s  %s", frames,
                count > 0 ? "/" + count : "", rate, 100 * result.work().activeShare(),
                result.isKeyFrame() ? " key" : "    ", objects);
    }

    void waiting(long seconds) {
        if (on) {
            put("waiting for a frame, " + seconds + " s");
        }
    }

    private void put(String text) {
        err.print(CLEAR + text.substring(0, Math.min(text.length(), WIDTH)));
        err.flush();
    }

    @Override
    public void close() {
        if (on) {
            err.print(CLEAR);
            err.flush();
        }
    }
}
