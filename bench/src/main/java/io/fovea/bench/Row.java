package io.fovea.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * One measurement, as {@code --json} writes it.
 *
 * @param model name of the model
 * @param engine {@code fovea} or the peer
 * @param tier kernels used
 * @param threads threads used
 * @param active share of active mask cells, 1 when dense
 * @param executedShare executed MACs over those of our run over all sites
 * @param medianMillis median time of a run
 * @param minMillis best time
 * @param p90Millis 90th percentile
 * @param ratio median over the first peer's dense median with as many threads; null without a peer
 * @param mask shape of the masks; left out for dense runs
 */
@JsonPropertyOrder({"model", "engine", "tier", "threads", "active", "executedShare", "medianMillis", "minMillis",
        "p90Millis", "ratio", "mask"})
record Row(String model, String engine, String tier, int threads, double active, double executedShare,
        double medianMillis, double minMillis, double p90Millis, Double ratio,
        @JsonInclude(JsonInclude.Include.NON_NULL) String mask) {

    static Row of(String model, Engine engine, int threads, Sample sample, Sample reference) {
        return new Row(model, engine.name(), engine.tier(), threads, rounded(engine.active()),
                rounded(engine.executedShare()),
                rounded(sample.median()),
                rounded(sample.min()), rounded(sample.p90()),
                reference == null ? null : rounded(sample.median() / reference.median()),
                engine.mask());
    }

    private static double rounded(double value) {
        return Math.round(value * 10_000) / 10_000.0;
    }
}
