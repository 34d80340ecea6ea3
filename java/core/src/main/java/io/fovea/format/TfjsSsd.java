package io.fovea.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.fovea.format.DetectorSpec.BoxCoding;
import io.fovea.format.DetectorSpec.BoxOrder;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.DetectorSpec.InputSpec;
import io.fovea.format.DetectorSpec.NmsSpec;
import io.fovea.format.DetectorSpec.ScoreActivation;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Passes;
import io.fovea.graph.Shape;
import io.fovea.image.ColorOrder;
import io.fovea.image.Resize;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a TensorFlow Object Detection API SSD that was exported for TensorFlow.js (a graph model: GraphDef as JSON, weights in shards).
 * The net between the normalised image and the raw head outputs is kept; resize, normalisation, anchors, box coder and score
 * function are read out of the nodes around it into the {@link DetectorSpec}. Stateless and thread-safe.
 */
public final class TfjsSsd {
    private final Map<String, TfjsNode> nodes = new LinkedHashMap<>();
    private final TfjsWeights weights;

    private TfjsSsd(JsonObject model, String folder, Map<String, byte[]> files) {
        for (JsonObject node : model.object("modelTopology").objects("node")) {
            TfjsNode n = new TfjsNode(node);
            nodes.put(n.name(), n);
        }
        this.weights = new TfjsWeights(model.raw("weightsManifest"), folder, files);
    }

    /**
     * Converts a model.
     *
     * @param name model name
     * @param licence SPDX id, or null
     * @param path path of {@code model.json} within {@code files}
     * @param files contents of {@code model.json} and of the shards beside it, by path
     * @param classes one label per score column, the background (column 0) included
     * @param nms defaults for non-maximum suppression
     * @return the model with an optimised graph
     * @throws ModelFormatException if something of it is not understood, naming the node
     */
    public static Model read(String name, String licence, String path, Map<String, byte[]> files, List<String> classes,
            NmsSpec nms) {
        JsonObject json = JsonFiles.object(path, files);
        TfjsSsd reader = new TfjsSsd(json, JsonFiles.folder(path), files);
        return reader.convert(name, licence, classes, nms);
    }

    /** Returns the paths of the shards that a {@code model.json} needs. */
    public static List<String> shards(String path, byte[] modelJson) {
        JsonNode manifest = JsonFiles.object(path, Map.of(path, modelJson)).raw("weightsManifest");
        return TfjsWeights.shards(manifest).stream().map(s -> JsonFiles.folder(path) + s).toList();
    }

    private Model convert(String name, String licence, List<String> classes, NmsSpec nms) {
        TfjsNode scores = reader("Sigmoid", "ConcatV2");
        TfjsNode boxes = reader("Squeeze", "ConcatV2");
        TfjsNet net = new TfjsNet(name, nodes, weights);
        String boxRows = net.value(boxes.input(0));
        String scoreRows = net.value(scores.input(0));
        Graph raw = net.build(List.of(boxRows, scoreRows));
        Graph graph = renamed(Passes.optimise(raw), Map.of(boxRows, "boxes", scoreRows, "scores"));
        DetectorSpec spec = new DetectorSpec(name, licence, input(net, graph), "boxes", "scores", classes, 0,
                ScoreActivation.SIGMOID, coding(), anchors(graph), nms);
        return ModelCheck.check(new Model(graph, spec));
    }

    /** Returns the one node of a kind that reads a node of another kind. */
    private TfjsNode reader(String op, String ofOp) {
        List<TfjsNode> found = nodes.values().stream().filter(n -> n.op().equals(op) && !n.inputs().isEmpty()
                && nodes.containsKey(n.input(0)) && nodes.get(n.input(0)).op().equals(ofOp)).toList();
        if (found.size() != 1) {
            throw new ModelFormatException("one " + op + " of a " + ofOp + " is needed, the graph has " + found.size());
        }
        return found.get(0);
    }

    private InputSpec input(TfjsNet net, Graph graph) {
        List<TfjsNode> resizes = nodes.values().stream().filter(n -> n.op().equals("ResizeBilinear")).toList();
        if (resizes.size() != 1) {
            throw new ModelFormatException("one ResizeBilinear is needed, the graph has " + resizes.size());
        }
        TfjsNode resize = resizes.get(0);
        if (resize.flag("align_corners", false)) {
            throw resize.failure("align_corners is not supported");
        }
        Resize kind = resize.flag("half_pixel_centers", false) ? Resize.BILINEAR : Resize.BILINEAR_ASYMMETRIC;
        Tensor size = weights.find(resize.input(1));
        Shape in = graph.inputShape();
        if (size == null || size.isFloat() || size.size() != 2 || size.ints()[0] != in.height()
                || size.ints()[1] != in.width()) {
            throw resize.failure("its size is not the net's input size " + in);
        }
        // x * scale + shift = (x - mean) * scale; the mean is rounded as far as float32 constants carry it.
        float mean = Math.round(-net.inputShift() / net.inputScale() * 1e3) / 1e3f;
        return new InputSpec(graph.input(), in.width(), in.height(), ColorOrder.RGB, Collections.nCopies(3, mean),
                Collections.nCopies(3, (float) net.inputScale()), kind);
    }

    /** The box coder multiplies each of the four unpacked values by a constant: the variances of y, x, h, w. */
    private BoxCoding coding() {
        float[] variance = new float[4];
        for (TfjsNode n : nodes.values()) {
            if (n.op().equals("Mul") && n.inputs().size() == 2 && weights.find(n.input(1)) != null) {
                String[] source = n.input(0).split(":");
                TfjsNode unpack = nodes.get(source[0]);
                if (unpack != null && unpack.op().equals("Unpack")) {
                    int index = source.length == 1 ? 0 : Integer.parseInt(source[1]);
                    Tensor factor = weights.get(n.input(1));
                    if (index > 3 || variance[index] != 0) {
                        throw n.failure("is one factor too many for a box of four values");
                    }
                    variance[index] = factor.floats()[0];
                }
            }
        }
        for (float v : variance) {
            if (!(v > 0)) {
                throw new ModelFormatException("the graph has no box coder with four constant factors");
            }
        }
        return new BoxCoding(BoxOrder.YXHW, variance[1], variance[0], variance[3], variance[2]);
    }

    /** The anchors are the constant that is tiled over the batch; the head's rows say how they spread over the maps. */
    private List<FeatureMap> anchors(Graph graph) {
        Collection<TfjsNode> tiles = nodes.values().stream()
                .filter(n -> n.op().equals("Tile") && weights.find(n.input(0)) != null).toList();
        if (tiles.size() != 1) {
            throw new ModelFormatException("one Tile of constant anchors is needed, the graph has " + tiles.size());
        }
        Tensor corners = weights.get(tiles.iterator().next().input(0), 1, -1, 4);
        return anchors(graph, corners);
    }

    /** Spreads anchor corners over the maps that the graph's "boxes" rows come from. */
    static List<FeatureMap> anchors(Graph graph, Tensor corners) {
        List<FeatureMap> maps = new ArrayList<>();
        int first = 0;
        Shape in = graph.inputShape();
        for (String part : graph.writer("boxes").inputs()) {
            Shape map = graph.shape(graph.writer(part).inputs().get(0));
            int perCell = map.channels() / 4;
            if (4L * (first + (long) map.sites() * perCell) > corners.size()) {
                throw new ModelFormatException("the net has more rows than the " + corners.size() / 4 + " anchors");
            }
            maps.add(AnchorFit.fit(corners.floats(), first, map.height(), map.width(), perCell, in.height(),
                    in.width()));
            first += map.sites() * perCell;
        }
        if (4 * first != corners.size()) {
            throw new ModelFormatException("the net has " + first + " rows for " + corners.size() / 4 + " anchors");
        }
        return maps;
    }

    /** Renames values and the nodes that write them. */
    private static Graph renamed(Graph graph, Map<String, String> names) {
        List<Node> renamed = new ArrayList<>();
        for (Node n : graph.nodes()) {
            String node = names.containsKey(n.output()) && !(n.op() instanceof Op.Conv)
                    ? names.get(n.output())
                    : n.name();
            renamed.add(new Node(node, n.op(), n.inputs().stream().map(v -> names.getOrDefault(v, v)).toList(),
                    names.getOrDefault(n.output(), n.output())));
        }
        return new Graph(graph.name(), graph.input(), graph.inputShape(), renamed,
                graph.outputs().stream().map(v -> names.getOrDefault(v, v)).toList());
    }
}
