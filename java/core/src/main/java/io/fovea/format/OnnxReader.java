package io.fovea.format;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import com.google.protobuf.InvalidProtocolBufferException;
import io.fovea.graph.Graph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads detectors from ONNX files (opset 11 to 21). The graph is read as it stands; {@link io.fovea.graph.Passes#optimise} folds and
 * fuses it. Stateless and thread-safe. Files may come from anywhere: whatever is wrong with one ends in a
 * {@link ModelFormatException} that names the place, and the memory used is bounded by the file's size.
 */
public final class OnnxReader {
    /** Smallest and largest operator set version that is read. */
    private static final long MIN_OPSET = 11;
    private static final long MAX_OPSET = 21;

    private OnnxReader() {
    }

    /**
     * Reads a detector: the net, the spec from the file's own metadata (key {@link DetectorSpec#METADATA_KEY}) or from a file
     * beside it ({@code NAME.onnx.json}, else {@code NAME.json}), the calibration from the metadata (key
     * {@link Calibration#METADATA_KEY}) if it is there, and the gate from the metadata (key {@link GateSpec#EMBEDDED_KEY}), else from a
     * file beside it ({@code NAME.gate.onnx}), if there is one.
     *
     * @throws ModelFormatException if the file, its spec, its calibration or its gate cannot be used, or they do not fit
     */
    public static Model read(Path file) {
        return located(file, () -> {
            ModelProto proto = parse(file);
            Described described = spec(file, proto);
            DetectorSpec spec = described.spec;
            Graph read = OnnxGraph.read(proto.getGraph(), spec.input(), proto.getSerializedSize(), opset(proto));
            Graph graph = described.combined == null ? read : described.combined.split(read, spec);
            return ModelCheck.check(new Model(graph, spec, calibration(proto), gate(file, proto)));
        });
    }

    /**
     * Reads a detector with a spec from elsewhere.
     *
     * @throws ModelFormatException if the file cannot be used or does not fit the spec
     */
    public static Model read(Path file, DetectorSpec spec) {
        return located(file, () -> {
            ModelProto proto = parse(file);
            Graph graph = OnnxGraph.read(proto.getGraph(), spec.input(), proto.getSerializedSize(), opset(proto));
            return ModelCheck.check(new Model(graph, spec, calibration(proto), gate(file, proto)));
        });
    }

    /**
     * Reads only the net, whatever its outputs mean.
     *
     * @throws ModelFormatException if the file cannot be used
     */
    public static Graph readGraph(Path file) {
        return located(file, () -> {
            ModelProto proto = parse(file);
            return OnnxGraph.read(proto.getGraph(), null, proto.getSerializedSize(), opset(proto));
        });
    }

    interface Reading<T> {
        T run() throws IOException;
    }

    static <T> T located(Path file, Reading<T> reading) {
        try {
            return reading.run();
        } catch (NoSuchFileException e) {
            throw new ModelFormatException("no such file: " + e.getFile(), e);
        } catch (InvalidProtocolBufferException e) {
            throw new ModelFormatException(file + ": not an ONNX file, or a damaged one (" + e.getMessage() + ")", e);
        } catch (IOException e) {
            throw new ModelFormatException(file + ": cannot be read (" + e.getMessage() + ")", e);
        } catch (ModelFormatException e) {
            throw new ModelFormatException(file + ": " + e.getMessage(), e);
        }
    }

    static ModelProto parse(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new ModelFormatException("is a directory, not a model");
        }
        if (Files.size(file) == 0) {
            throw new ModelFormatException("the file is empty");
        }
        if (Files.size(file) > Integer.MAX_VALUE - 64) {
            throw new ModelFormatException("the file is larger than 2 GB");
        }
        return parse(Files.readAllBytes(file));
    }

    static ModelProto parse(byte[] bytes) throws InvalidProtocolBufferException {
        ModelProto proto = ModelProto.parseFrom(bytes);
        if (!proto.hasGraph() || proto.getGraph().getNodeCount() == 0) {
            throw new ModelFormatException("holds no ONNX graph");
        }
        long opset = opset(proto);
        if (opset < MIN_OPSET || opset > MAX_OPSET) {
            throw new ModelFormatException(
                    "opset " + opset + " is not supported (" + MIN_OPSET + " to " + MAX_OPSET + " are)");
        }
        return proto;
    }

    static long opset(ModelProto proto) {
        long opset = 0;
        for (OperatorSetIdProto id : proto.getOpsetImportList()) {
            if (id.getDomain().isEmpty() || id.getDomain().equals("ai.onnx")) {
                opset = id.getVersion();
            }
        }
        return opset;
    }

    static String metadata(ModelProto proto, String key) {
        for (StringStringEntryProto entry : proto.getMetadataPropsList()) {
            if (entry.getKey().equals(key)) {
                return entry.getValue();
            }
        }
        return null;
    }

    private static Calibration calibration(ModelProto proto) {
        String json = metadata(proto, Calibration.METADATA_KEY);
        return json == null ? Calibration.NONE : CalibrationJson.read(json);
    }

    private static GateModel gate(Path file, ModelProto proto) {
        String embedded = metadata(proto, GateSpec.EMBEDDED_KEY);
        if (embedded != null) {
            return GateFile.embedded(embedded);
        }
        Path beside = GateFile.beside(file);
        return Files.isRegularFile(beside) ? GateFile.read(beside) : null;
    }

    /** A spec, and how the outputs that it speaks of are to be cut. */
    private record Described(DetectorSpec spec, CombinedHead combined) {
        static Described of(String json) {
            return new Described(SpecJson.read(json), SpecJson.combined(json));
        }
    }

    private static Described spec(Path file, ModelProto proto) throws IOException {
        String own = metadata(proto, DetectorSpec.METADATA_KEY);
        if (own != null) {
            return Described.of(own);
        }
        String name = file.getFileName().toString();
        Path beside = file.resolveSibling(name + ".json");
        Path renamed = file.resolveSibling(name.replaceFirst("\\.[^.]*$", "") + ".json");
        for (Path sidecar : new Path[]{beside, renamed}) {
            if (Files.isRegularFile(sidecar)) {
                try {
                    return Described.of(Files.readString(sidecar));
                } catch (ModelFormatException e) {
                    throw new ModelFormatException(sidecar.getFileName() + ": " + e.getMessage(), e);
                }
            }
        }
        throw new ModelFormatException("no detector spec: neither metadata '" + DetectorSpec.METADATA_KEY
                + "' in the file nor " + beside.getFileName() + " or " + renamed.getFileName()
                + " beside it; fovea inspect --spec-template prints a first one");
    }
}
