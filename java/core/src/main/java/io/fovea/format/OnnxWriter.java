package io.fovea.format;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.fovea.graph.Graph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes detectors as ONNX (opset 17, NCHW, batch 1, float32) with spec, calibration and gate in the metadata. {@link OnnxReader} reads the same graph
 * and spec back bit for bit. The same model gives the same bytes. Stateless and thread-safe.
 */
public final class OnnxWriter {
    private static final int IR_VERSION = 8;
    private static final int OPSET = 17;
    private static final List<String> KEYS = List.of(DetectorSpec.METADATA_KEY, Calibration.METADATA_KEY,
            GateSpec.EMBEDDED_KEY);

    private OnnxWriter() {
    }

    /**
     * Writes a model to a temporary file beside {@code file} and moves it there, so that a reader sees the old file or the new
     * one and nothing between.
     *
     * @throws ModelFormatException if the spec does not fit the graph, or the graph cannot be said in ONNX
     * @throws IOException if the file cannot be written
     */
    public static void write(Model model, Path file) throws IOException {
        AtomicFiles.write(file, proto(ModelCheck.check(model).graph(), model)::writeTo);
    }

    /** Writes only a net, under the same conditions. */
    public static void write(Graph graph, Path file) throws IOException {
        AtomicFiles.write(file, proto(graph, null)::writeTo);
    }

    /**
     * Copies an ONNX file with a model's spec, calibration and gate in its metadata, whatever stood there; all else stays as it is.
     *
     * @param source the file that the model was read from
     * @param model spec, calibration and gate to put in; its graph is not written
     * @param target where the copy goes, under the conditions of {@link #write(Model, Path)}; may be {@code source}
     * @throws ModelFormatException if spec, calibration and gate do not fit the model's graph
     * @throws IOException if the source cannot be read or the target cannot be written
     */
    public static void annotate(Path source, Model model, Path target) throws IOException {
        ModelProto.Builder copy = ModelProto.parseFrom(Files.readAllBytes(source)).toBuilder();
        List<String> outputs = copy.getGraph().getOutputList().stream().map(ValueInfoProto::getName).toList();
        if (!outputs.contains(model.spec().boxesOutput()) || !outputs.contains(model.spec().scoresOutput())) {
            // The file's outputs hold boxes and scores side by side; the model's graph has them apart.
            write(model, target);
            return;
        }
        List<StringStringEntryProto> kept = copy.getMetadataPropsList().stream()
                .filter(e -> !KEYS.contains(e.getKey())).toList();
        copy.clearMetadataProps().addAllMetadataProps(kept);
        describe(copy, ModelCheck.check(model));
        AtomicFiles.write(target, copy.build()::writeTo);
    }

    static ModelProto proto(Graph graph, Model described) {
        ModelProto.Builder model = proto(new OnnxGraphWriter(graph).write());
        if (described != null) {
            describe(model, described);
        }
        return model.build();
    }

    static ModelProto.Builder proto(GraphProto body) {
        return ModelProto.newBuilder().setIrVersion(IR_VERSION).setProducerName("fovea")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET)).setGraph(body);
    }

    private static void describe(ModelProto.Builder proto, Model model) {
        proto.addMetadataProps(entry(DetectorSpec.METADATA_KEY, SpecJson.write(model.spec())));
        if (!model.calibration().isEmpty()) {
            proto.addMetadataProps(entry(Calibration.METADATA_KEY, CalibrationJson.write(model.calibration())));
        }
        if (model.gate() != null) {
            proto.addMetadataProps(entry(GateSpec.EMBEDDED_KEY, GateFile.embed(model.gate())));
        }
    }

    static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }
}
