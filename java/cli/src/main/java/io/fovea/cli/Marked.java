package io.fovea.cli;

import io.fovea.Detection;
import io.fovea.image.Drawing;
import io.fovea.image.Image;
import io.fovea.image.PictureWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Where photos with drawn boxes go. */
final class Marked {
    private static final Set<String> EXTENSIONS = Set.of("png", "jpg", "jpeg");

    private final Path file;
    private final Path folder;
    private final Set<Path> used = new HashSet<>();

    private Marked(Path file, Path folder) {
        this.file = file;
        this.folder = folder;
    }

    /** Returns the target that {@code --out} names: a file if it ends like one and there is one photo, else a folder. */
    static Marked at(Path out, int photos, CommandSpec spec) throws IOException {
        boolean named = EXTENSIONS.contains(Photos.extension(out)) && !Files.isDirectory(out);
        if (named && photos > 1) {
            throw new ParameterException(spec.commandLine(),
                    "--out: " + out + " is one file, but there are " + photos + " photos; name a folder");
        }
        if (named) {
            return new Marked(out, null);
        }
        if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new ParameterException(spec.commandLine(),
                    "--out: " + out + " is neither a folder nor a .png or .jpg file");
        }
        Files.createDirectories(out);
        return new Marked(null, out);
    }

    void write(Photos.Photo photo, Image image, List<Detection> detections) throws IOException {
        Path target = file != null ? file : free(folder.resolve(photo.name().toString()));
        Files.createDirectories(target.toAbsolutePath().getParent());
        List<Drawing.Labelled> boxes = detections.stream().map(Marked::labelled).toList();
        PictureWriter.write(Drawing.draw(image, boxes), target);
    }

    private static Drawing.Labelled labelled(Detection d) {
        String text = String.format(Locale.ROOT, "%s %.0f%%", d.label(), 100 * d.score());
        return new Drawing.Labelled(text, d.classId(), d.box().x(), d.box().y(), d.box().width(), d.box().height());
    }

    /** Returns the path, or with a number before its extension when another photo of this run took it. */
    private Path free(Path wanted) {
        String name = wanted.getFileName().toString();
        int dot = name.lastIndexOf('.');
        String stem = dot < 0 ? name : name.substring(0, dot);
        String extension = Photos.extension(wanted);
        String ending = EXTENSIONS.contains(extension) ? name.substring(dot) : ".jpg";
        Path path = wanted.resolveSibling(stem + ending);
        for (int n = 2; !used.add(path); n++) {
            path = wanted.resolveSibling(stem + "-" + n + ending);
        }
        return path;
    }
}
