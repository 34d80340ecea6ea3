package io.fovea.format;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import io.fovea.graph.Graph;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Writes detectors as ONNX (opset 17, NCHW, batch 1, float32) with the spec in the metadata. {@link OnnxReader} reads the same graph
 * and spec back bit for bit. The same model gives the same bytes. Stateless and thread-safe.
 */
public final class OnnxWriter {
    private static final int IR_VERSION = 8;
    private static final int OPSET = 17;

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
        AtomicFiles.write(file, proto(ModelCheck.check(model).graph(), model.spec())::writeTo);
    }

    /** Writes only a net, under the same conditions. */
    public static void write(Graph graph, Path file) throws IOException {
        AtomicFiles.write(file, proto(graph, null)::writeTo);
    }

    static ModelProto proto(Graph graph, DetectorSpec spec) {
        GraphProto body = new OnnxGraphWriter(graph).write();
        ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(IR_VERSION).setProducerName("fovea")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET)).setGraph(body);
        if (spec != null) {
            model.addMetadataProps(StringStringEntryProto.newBuilder().setKey(DetectorSpec.METADATA_KEY)
                    .setValue(SpecJson.write(spec)));
        }
        return model.build();
    }
}
