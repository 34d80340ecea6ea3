package io.fovea.format;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.InvalidProtocolBufferException;
import io.fovea.graph.Graph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Gate files: one ONNX graph (opset 17, NCHW) with a {@link GateSpec} in its metadata. Its inputs are named like the values of the
 * detector's graph that the gate reads, at their size in the small run; with a trunk of its own its only input is the small picture. Every
 * output is one logit map {@code [1, 1, h, w]}. A {@link Glance} is a gate file of its own in the metadata. The same gate gives the same bytes. Stateless and
 * thread-safe.
 */
public final class GateFile {
    private GateFile() {
    }

    /**
     * Reads a gate file.
     *
     * @throws ModelFormatException if it cannot be used; the message names the file and the place
     */
    public static GateModel read(Path file) {
        return OnnxReader.located(file, () -> read(OnnxReader.parse(file)));
    }

    private static GateModel read(ModelProto proto) {
        String json = OnnxReader.metadata(proto, GateSpec.METADATA_KEY);
        if (json == null) {
            throw new ModelFormatException("is no gate: metadata '" + GateSpec.METADATA_KEY + "' is missing");
        }
        GateSpec spec = GateJson.read(json);
        List<Graph> heads = new ArrayList<>();
        for (GraphProto part : GateGraphs.split(proto.getGraph())) {
            heads.add(OnnxGraph.readPart(part, part.getSerializedSize(), OnnxReader.opset(proto)));
        }
        return new GateModel(heads, spec, glance(proto));
    }

    private static Glance glance(ModelProto proto) {
        String text = OnnxReader.metadata(proto, Glance.METADATA_KEY);
        if (text == null) {
            return null;
        }
        String share = OnnxReader.metadata(proto, Glance.SHARE_KEY);
        try {
            return new Glance(embedded(Glance.METADATA_KEY, text), Float.parseFloat(share == null ? "" : share));
        } catch (NumberFormatException e) {
            throw new ModelFormatException("metadata '" + Glance.SHARE_KEY + "' is no number", e);
        }
    }

    /**
     * Writes a gate that reads one value, or starts from the picture.
     *
     * @param file replaced as a whole, as {@link OnnxWriter#write(Model, Path)} does
     * @param head its graph
     * @param spec what the weights do not say
     * @throws ModelFormatException if they do not fit each other, or the graph cannot be said in ONNX
     * @throws IOException if the file cannot be written
     */
    public static void write(Path file, Graph head, GateSpec spec) throws IOException {
        write(file, new GateModel(List.of(head), spec));
    }

    /**
     * Writes a gate.
     *
     * @param file replaced as a whole, as {@link OnnxWriter#write(Model, Path)} does
     * @throws ModelFormatException if the graphs cannot be said in ONNX together: no two may use one name for a node or value
     * @throws IOException if the file cannot be written
     */
    public static void write(Path file, GateModel gate) throws IOException {
        AtomicFiles.write(file, proto(gate)::writeTo);
    }

    private static ModelProto proto(GateModel gate) {
        ModelProto.Builder proto = OnnxWriter.proto(GateGraphs.merge(gate.heads()))
                .addMetadataProps(OnnxWriter.entry(GateSpec.METADATA_KEY, GateJson.write(gate.spec())));
        if (gate.glance() != null) {
            proto.addMetadataProps(OnnxWriter.entry(Glance.METADATA_KEY, embed(gate.glance().gate())))
                    .addMetadataProps(OnnxWriter.entry(Glance.SHARE_KEY, Float.toString(gate.glance().share())));
        }
        return proto.build();
    }

    /** Returns where a gate lies beside a detector: {@code x.gate.onnx} for {@code x.onnx}. */
    public static Path beside(Path detector) {
        String name = detector.getFileName().toString();
        return detector.resolveSibling((name.endsWith(".onnx") ? name.substring(0, name.length() - 5) : name)
                + ".gate.onnx");
    }

    /** Returns a gate file as the value of {@link GateSpec#EMBEDDED_KEY}. */
    static String embed(GateModel gate) {
        return Base64.getEncoder().encodeToString(proto(gate).toByteArray());
    }

    /** Reads what {@link #embed} made. */
    static GateModel embedded(String text) {
        return embedded(GateSpec.EMBEDDED_KEY, text);
    }

    private static GateModel embedded(String key, String text) {
        try {
            return read(OnnxReader.parse(Base64.getDecoder().decode(text)));
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException("metadata '" + key + "' is not base64", e);
        } catch (InvalidProtocolBufferException e) {
            throw new ModelFormatException("metadata '" + key + "' holds no ONNX file ("
                    + e.getMessage() + ")", e);
        } catch (ModelFormatException e) {
            throw new ModelFormatException("metadata '" + key + "': " + e.getMessage(), e);
        }
    }

    /**
     * Reads a gate file that is in memory.
     *
     * @throws ModelFormatException if it cannot be used
     */
    public static GateModel read(byte[] bytes) {
        try {
            return read(OnnxReader.parse(bytes));
        } catch (InvalidProtocolBufferException e) {
            throw new ModelFormatException("not an ONNX file, or a damaged one (" + e.getMessage() + ")", e);
        }
    }
}
