package io.fovea.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Small repairs of a JPEG file's bytes (ITU-T T.81, annex B) before ImageIO sees them. */
final class JpegBytes {
    private static final byte[] PROFILE = "ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII);

    private JpegBytes() {
    }

    /** Returns whether a file starts as a JPEG. */
    static boolean isJpeg(byte[] file) {
        return file.length > 2 && (file[0] & 0xFF) == 0xFF && (file[1] & 0xFF) == 0xD8;
    }

    /**
     * Returns a JPEG whose last two bytes are the end marker and whose colour profile, if it has three components, is hidden;
     * the array itself when nothing is to do.
     *
     * <p>
     * With the marker, a complete picture that lacked it is read in silence, and libjpeg still warns where pixels are missing.
     * Profiles of RGB pictures are not applied because the pictures that detectors learn from are read without them (Pillow,
     * OpenCV); a CMYK picture needs its profile.
     */
    static byte[] prepared(byte[] file) {
        int n = file.length;
        boolean closed = (file[n - 2] & 0xFF) == 0xFF && (file[n - 1] & 0xFF) == 0xD9;
        byte[] prepared = file;
        if (!closed) {
            prepared = Arrays.copyOf(file, n + 2);
            prepared[n] = (byte) 0xFF;
            prepared[n + 1] = (byte) 0xD9;
        }
        return components(file) == 3 ? withoutProfile(prepared, file) : prepared;
    }

    private static byte[] withoutProfile(byte[] prepared, byte[] original) {
        byte[] result = prepared;
        for (int at = next(original, 2); at >= 0; at = next(original, end(original, at))) {
            int name = at + 4;
            if ((original[at + 1] & 0xFF) == 0xE2 && name + PROFILE.length <= original.length
                    && Arrays.equals(original, name, name + PROFILE.length, PROFILE, 0, PROFILE.length)) {
                result = result == original ? original.clone() : result;
                result[name] = 'X'; // a segment of another name is skipped
            }
        }
        return result;
    }

    /** Returns the components of the frame, or 0 when there is no frame header. */
    private static int components(byte[] file) {
        for (int at = next(file, 2); at >= 0; at = next(file, end(file, at))) {
            int marker = file[at + 1] & 0xFF;
            boolean frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
            if (frame) {
                return at + 9 < file.length ? file[at + 9] & 0xFF : 0;
            }
        }
        return 0;
    }

    /** Returns where the next segment with a length starts, or -1 at the scan or the end. */
    private static int next(byte[] file, int from) {
        int at = from;
        while (at + 3 < file.length && (file[at] & 0xFF) == 0xFF && (file[at + 1] & 0xFF) == 0xFF) {
            at++; // fill bytes
        }
        if (at + 3 >= file.length || (file[at] & 0xFF) != 0xFF) {
            return -1;
        }
        int marker = file[at + 1] & 0xFF;
        return marker == 0xDA || marker == 0xD9 ? -1 : at;
    }

    private static int end(byte[] file, int at) {
        return at + 2 + Math.max(2, (file[at + 2] & 0xFF) << 8 | file[at + 3] & 0xFF);
    }
}
