package io.fovea.frame;

import io.fovea.image.Image;
import io.fovea.image.ImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** The pictures of a folder in the order of their names; numbers in names count as numbers, so 9 comes before 10. */
final class FrameFolder implements FrameSource {
    private static final Set<String> ENDINGS = Set.of("jpg", "jpeg", "png", "bmp", "gif", "tif", "tiff");
    private static final double RATE = 25;
    private final Path folder;
    private final List<Path> files;
    private int next;

    private FrameFolder(Path folder, List<Path> files) {
        this.folder = folder;
        this.files = files;
    }

    static FrameFolder open(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            List<Path> files = all.filter(FrameFolder::isPicture)
                    .sorted((a, b) -> NaturalOrder.compare(a.getFileName().toString(), b.getFileName().toString()))
                    .toList();
            if (files.isEmpty()) {
                throw new FrameException(folder.toString(), "no pictures in it", null);
            }
            return new FrameFolder(folder, files);
        } catch (IOException e) {
            throw new FrameException(folder.toString(), "cannot be read (" + e.getMessage() + ")", e);
        }
    }

    private static boolean isPicture(Path file) {
        String name = file.getFileName().toString();
        return !name.startsWith(".") && ENDINGS.contains(
                name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT)) && Files.isRegularFile(file);
    }

    @Override
    public String name() {
        return folder.toString();
    }

    @Override
    public Frame next() {
        if (next == files.size()) {
            return null;
        }
        int index = next++;
        try {
            return new Frame(Image.read(files.get(index)), index, index / RATE);
        } catch (ImageException e) {
            throw new FrameException(folder.toString(), e.getMessage(), e);
        }
    }

    @Override
    public double framesPerSecond() {
        return 0;
    }

    @Override
    public long count() {
        return files.size();
    }

    @Override
    public void close() {
        next = files.size();
    }
}
