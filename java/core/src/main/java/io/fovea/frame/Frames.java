package io.fovea.frame;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceLoader;

/** Opens streams of pictures: a folder, or a video file where a module that reads them is on the class path. */
public final class Frames {
    private Frames() {
    }

    /**
     * Opens a folder of pictures or a video file.
     *
     * @throws FrameException if there is no such file, nothing in it, or nothing here that reads it
     */
    public static FrameSource open(Path path) {
        if (Files.isDirectory(path)) {
            return FrameFolder.open(path);
        }
        if (!Files.exists(path)) {
            throw new FrameException(path.toString(), "no such file", null);
        }
        return format(path).open(path);
    }

    /**
     * Creates a video file, or a folder of JPEG pictures when the path has no ending.
     *
     * @param width pixels
     * @param height pixels
     * @param framesPerSecond usual rate, above 0
     * @throws FrameException if it cannot be written, or nothing here writes it
     */
    public static FrameSink create(Path path, int width, int height, double framesPerSecond) {
        boolean folder = Files.isDirectory(path) || path.getFileName().toString().indexOf('.') <= 0;
        return folder ? new FolderSink(path) : format(path).create(path, width, height, framesPerSecond);
    }

    private static FrameFormat format(Path path) {
        Optional<FrameFormat> found = ServiceLoader.load(FrameFormat.class, Frames.class.getClassLoader())
                .findFirst();
        return found.orElseThrow(() -> new FrameException(path.toString(),
                "video files need the module fovea-video on the class path; a folder of pictures does not", null));
    }
}
