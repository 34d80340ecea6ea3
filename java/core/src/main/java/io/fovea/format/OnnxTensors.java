package io.fovea.format;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Decodes and encodes ONNX {@code TensorProto}; no array is larger than the bytes that the file really holds. */
final class OnnxTensors {
    private OnnxTensors() {
    }

    /**
     * Decodes a tensor.
     *
     * @throws ModelFormatException for external data, an unsupported type, or a count that differs from the dims
     */
    static Tensor decode(TensorProto proto) {
        String name = "tensor '" + proto.getName() + "'";
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL || proto.getExternalDataCount() > 0) {
            throw new ModelFormatException(name + ": data in another file is not supported; save it inside the model");
        }
        long[] wide = new long[proto.getDimsCount()];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = proto.getDims(i);
        }
        long count = Tensor.count(wide, Integer.MAX_VALUE);
        if (count < 0) {
            throw new ModelFormatException(name + ": dims " + proto.getDimsList() + " are out of range");
        }
        int[] dims = new int[wide.length];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = (int) wide[i];
        }
        boolean raw = proto.hasRawData();
        ByteBuffer data = proto.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        return switch (TensorProto.DataType.forNumber(proto.getDataType())) {
            case FLOAT -> {
                need(name, count, raw ? data.remaining() : proto.getFloatDataCount(), raw ? 4 : 1);
                yield Tensor.of(dims, floats((int) count, i -> raw ? data.getFloat(4 * i) : proto.getFloatData(i)));
            }
            case DOUBLE -> {
                need(name, count, raw ? data.remaining() : proto.getDoubleDataCount(), raw ? 8 : 1);
                yield Tensor.of(dims,
                        floats((int) count, i -> (float) (raw ? data.getDouble(8 * i) : proto.getDoubleData(i))));
            }
            case FLOAT16 -> {
                need(name, count, raw ? data.remaining() : proto.getInt32DataCount(), raw ? 2 : 1);
                yield Tensor.of(dims, floats((int) count,
                        i -> Float.float16ToFloat(raw ? data.getShort(2 * i) : (short) proto.getInt32Data(i))));
            }
            case INT64 -> {
                need(name, count, raw ? data.remaining() : proto.getInt64DataCount(), raw ? 8 : 1);
                yield Tensor.of(dims, longs((int) count, i -> raw ? data.getLong(8 * i) : proto.getInt64Data(i)));
            }
            case INT32 -> {
                need(name, count, raw ? data.remaining() : proto.getInt32DataCount(), raw ? 4 : 1);
                yield Tensor.of(dims, longs((int) count, i -> raw ? data.getInt(4 * i) : proto.getInt32Data(i)));
            }
            case BOOL -> {
                need(name, count, raw ? data.remaining() : proto.getInt32DataCount(), 1);
                yield Tensor.of(dims, longs((int) count, i -> raw ? data.get(i) : proto.getInt32Data(i)));
            }
            case INT8, UINT8 -> {
                boolean signed = proto.getDataType() == TensorProto.DataType.INT8.getNumber();
                need(name, count, raw ? data.remaining() : proto.getInt32DataCount(), 1);
                yield Tensor.of(dims, longs((int) count,
                        i -> raw ? signed ? data.get(i) : data.get(i) & 0xff : proto.getInt32Data(i)));
            }
            case INT16, UINT16 -> {
                boolean signed = proto.getDataType() == TensorProto.DataType.INT16.getNumber();
                need(name, count, raw ? data.remaining() : proto.getInt32DataCount(), raw ? 2 : 1);
                yield Tensor.of(dims, longs((int) count,
                        i -> raw
                                ? signed ? data.getShort(2 * i) : data.getShort(2 * i) & 0xffff
                                : proto.getInt32Data(i)));
            }
            case null -> throw new ModelFormatException(name + ": unknown data type " + proto.getDataType());
            default -> throw new ModelFormatException(
                    name + ": data type " + TensorProto.DataType.forNumber(proto.getDataType())
                            + " is not supported (FLOAT, DOUBLE, FLOAT16, INT64, INT32, INT16, UINT16, INT8, UINT8, BOOL are)");
        };
    }

    /** Encodes float values under a name. */
    static TensorProto encode(String name, long[] dims, float[] values) {
        ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        return header(name, dims, TensorProto.DataType.FLOAT).setRawData(ByteString.copyFrom(data)).build();
    }

    /** Encodes integers as a vector under a name. */
    static TensorProto encode(String name, long... values) {
        ByteBuffer data = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asLongBuffer().put(values);
        return header(name, new long[]{values.length}, TensorProto.DataType.INT64)
                .setRawData(ByteString.copyFrom(data)).build();
    }

    private static TensorProto.Builder header(String name, long[] dims, TensorProto.DataType type) {
        TensorProto.Builder proto = TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
        for (long d : dims) {
            proto.addDims(d);
        }
        return proto;
    }

    private static void need(String name, long count, long held, int bytes) {
        if (count * bytes != held) {
            throw new ModelFormatException(name + ": dims need " + count + " values, the file holds " + held / bytes);
        }
    }

    private interface FloatAt {
        float get(int i);
    }

    private interface LongAt {
        long get(int i);
    }

    private static float[] floats(int count, FloatAt at) {
        float[] out = new float[count];
        for (int i = 0; i < count; i++) {
            out[i] = at.get(i);
        }
        return out;
    }

    private static long[] longs(int count, LongAt at) {
        long[] out = new long[count];
        for (int i = 0; i < count; i++) {
            out[i] = at.get(i);
        }
        return out;
    }
}
