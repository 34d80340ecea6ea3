package io.fovea.bench;

import io.fovea.graph.Graph;
import io.fovea.run.Session;
import io.fovea.run.SessionOptions;
import io.fovea.run.Workspace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;

/** Our own net in one workspace; a run takes the net alone, from the rows of the input to the rows of the head. */
final class FoveaEngine implements Engine {
    static final String NAME = "fovea";

    private final String tier;
    private final Graph graph;
    private final float[] nhwc;
    private final Session session;
    private final Workspace workspace;

    /**
     * Plans a graph.
     *
     * @param graph the net as read
     * @param tier kernels to use, {@code auto} or the name of a tier
     * @param threads threads of a run
     * @param nhwc the input, {@code [height][width][channels]}
     */
    FoveaEngine(Graph graph, String tier, int threads, float[] nhwc) {
        this.graph = graph;
        this.tier = tier;
        this.nhwc = nhwc;
        this.session = Session.open(graph, new SessionOptions(threads, tier));
        this.workspace = session.lease();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String tier() {
        return tier;
    }

    @Override
    public void prepare() {
        MemorySegment.copy(nhwc, 0, workspace.input(), ValueLayout.JAVA_FLOAT, 0, nhwc.length);
    }

    @Override
    public void run() {
        workspace.run();
    }

    @Override
    public Map<String, float[]> outputs() {
        prepare();
        run();
        Map<String, float[]> outputs = new LinkedHashMap<>();
        for (String name : graph.outputs()) {
            outputs.put(name, workspace.output(name));
        }
        return outputs;
    }

    @Override
    public void close() {
        workspace.close();
        session.close();
    }
}
