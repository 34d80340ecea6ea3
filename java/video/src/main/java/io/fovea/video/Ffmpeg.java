package io.fovea.video;

import io.fovea.frame.FrameException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.global.avutil;

/** Status codes as exceptions. */
final class Ffmpeg {
    private static final int MAX_MESSAGE = 128;

    private Ffmpeg() {
    }

    /** Throws if a status is negative, else returns it. */
    static int check(int status, Path file, String what) {
        if (status < 0) {
            throw failure(file, what + " (" + message(status) + ")");
        }
        return status;
    }

    /** Throws if a pointer is null, else returns it. */
    static <T> T check(T pointer, Path file, String what) {
        if (pointer == null) {
            throw failure(file, what);
        }
        return pointer;
    }

    static FrameException failure(Path file, String what) {
        return new FrameException(file.toString(), what, null);
    }

    static String message(int status) {
        byte[] text = new byte[MAX_MESSAGE];
        avutil.av_strerror(status, text, text.length);
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        return new String(text, 0, end, StandardCharsets.UTF_8);
    }
}
