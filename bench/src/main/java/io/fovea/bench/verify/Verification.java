package io.fovea.bench.verify;

import ai.onnxruntime.OrtException;
import io.fovea.format.Model;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs one model in tier after tier and compares. What tiers are compared with is computed once per input. */
final class Verification implements AutoCloseable {
    private final Path file;
    private final Model model;
    private final int threads;
    private final double tolerance;
    private final PeerNet peer;
    private final Map<String, Map<String, float[]>> references = new HashMap<>();
    private String reference;

    /**
     * Prepares.
     *
     * @param file the ONNX file, for ONNX Runtime
     * @param model what was read from it
     * @param threads threads of every run
     * @param tolerance largest relative difference
     * @param peer whether to ask ONNX Runtime; otherwise the first tier is what others are compared with
     */
    Verification(Path file, Model model, int threads, double tolerance, boolean peer) throws OrtException, IOException {
        this.file = file;
        this.model = model;
        this.threads = threads;
        this.tolerance = tolerance;
        this.peer = peer ? PeerNet.open(file, threads) : null;
        this.reference = peer ? PeerNet.NAME : null;
    }

    /** Adds a tier's comparisons, and a note about the first layer that differs, if one does. */
    void check(String tier, List<Input> inputs, List<Comparison> rows, List<String> notes)
            throws OrtException, IOException {
        boolean explained = false;
        try (Session session = Session.open(model.graph(), new SessionOptions(threads, tier))) {
            for (Input input : inputs) {
                Map<String, float[]> found = session.run(input.nchw());
                boolean fine = true;
                if (input.expected() != null) {
                    fine = compare(tier, "golden", input, found, input.expected(), rows);
                }
                Map<String, float[]> other = other(input);
                if (other != null) {
                    fine &= compare(tier, reference, input, found, other, rows);
                } else {
                    references.put(input.name(), found);
                }
                if (!fine && !explained) {
                    explained = true;
                    notes.add(explain(tier, session, input));
                }
            }
        }
        if (reference == null) {
            reference = tier;
        }
    }

    private boolean compare(String tier, String against, Input input, Map<String, float[]> found,
            Map<String, float[]> wanted, List<Comparison> rows) {
        boolean fine = true;
        for (String output : model.graph().outputs()) {
            if (!wanted.containsKey(output)) {
                continue;
            }
            Comparison row = Comparison.of(model.spec().name(), tier, against, input.name(), output, found.get(output),
                    wanted.get(output), tolerance);
            rows.add(row);
            fine &= row.ok();
        }
        return fine;
    }

    private Map<String, float[]> other(Input input) throws OrtException {
        if (peer != null && !references.containsKey(input.name())) {
            references.put(input.name(), peer.run(input.nchw(), model.graph().inputShape()));
        }
        return references.get(input.name());
    }

    private String explain(String tier, Session session, Input input) throws OrtException, IOException {
        Map<String, float[]> values;
        String against;
        if (peer != null) {
            try (PeerNet whole = PeerNet.openWhole(file, threads)) {
                values = whole.run(input.nchw(), model.graph().inputShape());
            }
            against = PeerNet.NAME;
        } else {
            try (Session oracle = Session.open(model.graph(), new SessionOptions(threads, "scalar"));
                    Session layers = oracle.unfused()) {
                values = FirstDifference.values(layers, input.nchw());
            }
            against = "scalar";
        }
        Optional<String> first = FirstDifference.find(session, input.nchw(), values, tolerance);
        return tier + " against " + against + " on " + input.name() + ": " + first
                .map(text -> "first layer that differs: " + text)
                .orElse("no layer differs by itself; the difference is in how the outputs are put together, or in the golden files");
    }

    @Override
    public void close() {
        if (peer != null) {
            peer.close();
        }
    }
}
