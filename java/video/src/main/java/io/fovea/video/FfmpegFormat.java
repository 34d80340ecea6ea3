package io.fovea.video;

import io.fovea.frame.FrameException;
import io.fovea.frame.FrameFormat;
import io.fovea.frame.FrameSink;
import io.fovea.frame.FrameSource;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.global.avutil;

/** Every kind of file that FFmpeg's libraries read; writes MP4 and what else they can. */
public final class FfmpegFormat implements FrameFormat {

    /** Used by the service loader. */
    public FfmpegFormat() {
    }

    @Override
    public String name() {
        return "FFmpeg";
    }

    @Override
    public FrameSource open(Path file) {
        if (!Files.isReadable(file)) {
            throw new FrameException(file.toString(), Files.exists(file) ? "may not be read" : "no such file", null);
        }
        load(file);
        return new VideoReader(file);
    }

    @Override
    public FrameSink create(Path file, int width, int height, double framesPerSecond) {
        load(file);
        return new VideoWriter(file, width, height, framesPerSecond);
    }

    private static void load(Path file) {
        try {
            avutil.av_log_set_level(avutil.AV_LOG_QUIET);
        } catch (LinkageError e) {
            throw new FrameException(file.toString(),
                    "FFmpeg's libraries are not there for this platform: put the jars of "
                            + "org.bytedeco:ffmpeg and org.bytedeco:javacpp for it on the class path (" + e.getMessage()
                            + ")",
                    e);
        }
    }
}
