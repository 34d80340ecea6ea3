package io.fovea.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;

/** Rows of floats in JSON: base64 (RFC 4648) of little-endian float32, so that what is written is read back bit for bit. */
final class FloatRows {
    private FloatRows() {
    }

    static float[] read(JsonObject o, String key) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(o.text(key));
        } catch (IllegalArgumentException e) {
            bytes = null;
        }
        o.check(bytes != null, key, "is not base64");
        o.check(bytes.length > 0 && bytes.length % Float.BYTES == 0, key,
                bytes.length + " bytes are no row of float32");
        float[] row = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(row);
        for (float value : row) {
            o.check(Float.isFinite(value), key, "holds a number that is not finite");
        }
        return row;
    }

    static String base64(float[] row) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * row.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(row);
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
