package io.fovea.lab.eval;

import io.fovea.image.Image;
import io.fovea.image.ImageException;
import io.fovea.lab.data.DataException;
import io.fovea.lab.data.Dataset;
import io.fovea.lab.data.Photo;
import io.fovea.lab.data.Problems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Decodes the photos of a data set one by one, several at once, and counts those that are missing or cannot be decoded. */
public final class PhotoPass {

    /** What is done with each photo; called from several threads. */
    public interface Work {
        /** Handles the photo with the given index in the data set. */
        void photo(int index, Photo photo, Image image);
    }

    private PhotoPass() {
    }

    /**
     * Goes through a data set.
     *
     * @param data whose problems receive what was skipped
     * @param folder where the photos are
     * @param threads photos in work at once
     * @param work called for each photo that could be decoded
     * @param step called after each photo, from any thread
     * @return the data set without the skipped photos
     * @throws DataException if the folder does not exist or not a single photo could be decoded
     */
    public static Dataset run(Dataset data, Path folder, int threads, Work work, Runnable step) {
        if (!Files.isDirectory(folder)) {
            throw new DataException(folder + ": is no folder of photos");
        }
        List<Photo> photos = data.photos();
        boolean[] done = new boolean[photos.size()];
        Parallel.forEach(photos.size(), threads, i -> {
            done[i] = one(data, folder, i, work);
            step.run();
        });
        List<Photo> left = new ArrayList<>();
        for (int i = 0; i < done.length; i++) {
            if (done[i]) {
                left.add(photos.get(i));
            }
        }
        if (left.isEmpty()) {
            throw new DataException(folder + ": none of the " + photos.size() + " photos of " + data.name()
                    + " could be read (" + String.join("; ", data.problems().lines()) + ")");
        }
        return data.withPhotos(left);
    }

    private static boolean one(Dataset data, Path folder, int index, Work work) {
        Photo photo = data.photos().get(index);
        Path file = folder.resolve(photo.file());
        if (!Files.isRegularFile(file)) {
            data.problems().add(Problems.Kind.PHOTO_MISSING, photo.file());
            return false;
        }
        Image image;
        try {
            image = Image.read(file);
        } catch (ImageException e) {
            data.problems().add(Problems.Kind.PHOTO_UNREADABLE, e.getMessage());
            return false;
        }
        if (photo.width() > 0 && photo.height() > 0
                && (photo.width() != image.width() || photo.height() != image.height())) {
            data.problems().add(Problems.Kind.SIZE_DIFFERS, photo.file() + " is " + image.width() + "x" + image.height()
                    + ", not " + photo.width() + "x" + photo.height());
        }
        work.photo(index, photo, image);
        return true;
    }
}
