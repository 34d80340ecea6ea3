package io.fovea.bench;

import java.util.Map;

/** One engine set up for one model, thread count and input; {@link #run} is what is measured. Used by one thread. */
interface Engine extends AutoCloseable {

    /** Returns the engine's name in tables and JSON. */
    String name();

    /** Returns which of its kernels it uses. */
    String tier();

    /** Returns the shape of the masks it runs with, or null for dense runs. */
    default String mask() {
        return null;
    }

    /** Returns the share of active mask cells. */
    default double active() {
        return 1;
    }

    /** Returns executed MACs over those of a run over all sites, the mean over its masks; may run the net. */
    default double executedShare() {
        return 1;
    }

    /** Returns which of several inputs or masks that take turns the next run takes, from 0. */
    default int variant() {
        return 0;
    }

    /** Writes the input again, as the step before the net would; called before every run and not measured. */
    void prepare();

    /** Runs the net once on the input given at set-up; outputs stay inside the engine. */
    void run() throws Exception;

    /** Returns the raw outputs by name after a run of its own. */
    Map<String, float[]> outputs() throws Exception;

    @Override
    void close();
}
