package io.fovea.train.gate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.train.TrainableGraph;
import io.fovea.train.TrainableGraph.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A gate as a differentiable function from what is kept of a photo to the logits of cells. Not thread-safe. */
final class GateNet {
    private final TrainableGraph gate;
    private final List<String> reads;
    private final List<NDArray> rows = new ArrayList<>();
    private final List<NDArray> columns = new ArrayList<>();

    GateNet(Graph graph, Trunk trunk, CellGrid grid, NDManager manager) {
        reads = trunk.kept();
        Set<Node> own = new HashSet<>(GateHead.own(graph, trunk));
        gate = new TrainableGraph(graph, manager, own::contains);
        for (String output : graph.outputs()) {
            io.fovea.graph.Shape map = graph.shape(output);
            rows.add(manager.create(grid.rowSampling(map.height()), new Shape(grid.rows(), map.height())));
            columns.add(manager.create(grid.columnSampling(map.width()), new Shape(grid.columns(), map.width()))
                    .transpose());
        }
    }

    List<Parameter> parameters() {
        return gate.parameters();
    }

    /** Returns the gate with the weights of now. */
    Graph trained() {
        return gate.trained();
    }

    /**
     * Returns the logits of a batch, {@code [N][1][rows][columns]}: the sum of all maps, each read bilinearly at the centres of the cells.
     *
     * @param maps one batch per value read, {@code [N][C][h][w]}
     */
    NDArray logits(List<NDArray> maps) {
        Map<String, NDArray> given = new HashMap<>();
        for (int i = 0; i < maps.size(); i++) {
            given.put(reads.get(i), maps.get(i));
        }
        List<String> outputs = gate.graph().outputs();
        Map<String, NDArray> results = gate.run(given, outputs, (value, computed) -> computed);
        NDArray sum = null;
        for (int i = 0; i < outputs.size(); i++) {
            NDArray cells = rows.get(i).matMul(results.get(outputs.get(i)).matMul(columns.get(i)));
            sum = sum == null ? cells : sum.add(cells);
        }
        return sum;
    }
}
