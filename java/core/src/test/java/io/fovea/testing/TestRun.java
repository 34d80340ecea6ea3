package io.fovea.testing;

import java.io.PrintWriter;
import java.util.Locale;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs test classes without a build tool, for a JVM that Maven does not start, and prints how many tests passed. */
public final class TestRun {
    private TestRun() {
    }

    /**
     * Runs test classes, one line for each.
     *
     * @param names their full names; a class that has no test is a failure
     */
    public static void main(String... names) {
        System.exit(run(names) ? 0 : 1);
    }

    /** As {@link #main}, but returns whether everything passed. */
    public static boolean run(String... names) {
        boolean good = true;
        for (String name : names) {
            LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                    .selectors(DiscoverySelectors.selectClass(name)).build();
            SummaryGeneratingListener listener = new SummaryGeneratingListener();
            long start = System.nanoTime();
            LauncherFactory.create().execute(request, listener);
            TestExecutionSummary summary = listener.getSummary();
            summary.printFailuresTo(new PrintWriter(System.out, true), 30);
            System.out.printf(Locale.ROOT, "TESTS %s: %d passed, %d failed, %d skipped (%.0f s)%n", name,
                    summary.getTestsSucceededCount(), summary.getTotalFailureCount(),
                    summary.getTestsSkippedCount() + summary.getTestsAbortedCount(),
                    (System.nanoTime() - start) / 1e9);
            good &= summary.getTotalFailureCount() == 0 && summary.getTestsFoundCount() > 0;
        }
        return good;
    }
}
