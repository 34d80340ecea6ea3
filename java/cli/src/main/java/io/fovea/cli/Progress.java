package io.fovea.cli;

import java.io.PrintWriter;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A progress bar in the last line of a terminal; nothing when there is no terminal or little to wait for. Text for people is
 * printed above it by {@link #print}.
 */
public final class Progress implements AutoCloseable {
    private static final String CLEAR = "\r\u001b[K";

    private final PrintWriter err;
    private final ProgressBar bar;
    private String line = "";
    private boolean done;

    /**
     * Starts a bar.
     *
     * @param task what is going on
     * @param steps how many steps there are
     * @param err where the bar is drawn
     */
    public Progress(String task, long steps, PrintWriter err) {
        this.err = err;
        this.bar = steps > 1 && isTerminal()
                ? new ProgressBarBuilder().setTaskName(task).setInitialMax(steps).setUpdateIntervalMillis(200)
                        .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK).showSpeed()
                        .setConsumer(new DelegatingProgressBarConsumer(this::draw, width())).build()
                : null;
    }

    /** Returns whether a person watches: standard input and output are a terminal that can move its cursor. */
    public static boolean isTerminal() {
        return System.console() != null && System.console().isTerminal() && !"dumb".equals(System.getenv("TERM"));
    }

    private static int width() {
        try {
            return Math.clamp(Integer.parseInt(System.getenv().getOrDefault("COLUMNS", "79")), 20, 120);
        } catch (NumberFormatException e) {
            return 79;
        }
    }

    /** One step is done. */
    public void step() {
        if (bar != null) {
            bar.step();
        }
    }

    /** Runs something that prints lines and flushes them, with the bar out of the way. */
    public synchronized void print(Runnable printing) {
        if (bar != null && !done) {
            err.print(CLEAR);
            err.flush();
        }
        printing.run();
        if (bar != null) {
            draw(line);
        }
    }

    private synchronized void draw(String text) {
        line = text;
        if (!done) {
            err.print("\r" + text + "\u001b[K");
            err.flush();
        }
    }

    @Override
    public void close() {
        if (bar == null) {
            return;
        }
        synchronized (this) {
            done = true;
            err.print(CLEAR);
            err.flush();
        }
        bar.close();
    }
}
