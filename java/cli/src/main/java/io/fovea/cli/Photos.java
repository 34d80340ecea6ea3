package io.fovea.cli;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiConsumer;

/** The photos that the arguments name: files as they are, folders walked. */
public final class Photos {
    private static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "jpe", "png");

    /**
     * A photo.
     *
     * @param path where it is
     * @param name its path inside the folder that was walked, or its file name
     */
    public record Photo(Path path, Path name) {}

    private Photos() {
    }

    /**
     * Lists the photos in the order of the arguments, those of a folder sorted by path. Files named by themselves are taken
     * whatever they are called; of folders only JPEG and PNG files, by their extension.
     *
     * @param arguments files and folders
     * @param failed called with a path and a message for a folder that cannot be read or holds no photo
     */
    public static List<Photo> list(List<Path> arguments, BiConsumer<Path, String> failed) {
        List<Photo> all = new ArrayList<>();
        for (Path argument : arguments) {
            if (Files.isDirectory(argument)) {
                List<Photo> inside = walk(argument, failed);
                if (inside.isEmpty()) {
                    failed.accept(argument, "holds no photo (JPEG or PNG)");
                }
                all.addAll(inside);
            } else {
                Path name = argument.getFileName();
                all.add(new Photo(argument, name == null ? argument : name));
            }
        }
        return all;
    }

    private static List<Photo> walk(Path folder, BiConsumer<Path, String> failed) {
        List<Photo> found = new ArrayList<>();
        try {
            Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), 64, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile() && EXTENSIONS.contains(extension(file))) {
                        found.add(new Photo(file, folder.relativize(file)));
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    failed.accept(file, Lines.message(e));
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            failed.accept(folder, Lines.message(e));
        }
        found.sort(Comparator.comparing(Photo::name));
        return found;
    }

    /** Returns the extension of a file's name in lower case, without the dot; empty when there is none. */
    static String extension(Path file) {
        String name = file.getFileName() == null ? "" : file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    }
}
