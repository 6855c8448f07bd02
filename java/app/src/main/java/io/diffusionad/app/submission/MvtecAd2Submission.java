package io.diffusionad.app.submission;

import io.diffusionad.app.report.HalfTiff;
import io.diffusionad.app.report.OutputFile;
import io.diffusionad.data.Folders;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.GreyImage;
import io.diffusionad.image.PngWriter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Results on the private test sets of MVTec AD 2 for its evaluation server: {@code anomaly_images/<object>/<test
 * set>/NAME.tiff}, score maps of 16-bit floats, and {@code anomaly_images_thresholded/<object>/<test set>/NAME.png},
 * 255 where a pixel is defective and else 0, both at the picture's own size. The server refuses a folder that holds
 * anything else.
 */
public final class MvtecAd2Submission {
    /** The data set's objects; a submission holds all of them. */
    public static final List<String> OBJECTS =
            List.of("can", "fabric", "fruit_jelly", "rice", "sheet_metal", "vial", "wallplugs", "walnuts");

    private static final List<String> TEST_SETS = List.of("test_private", "test_private_mixed");
    private static final String MAPS = "anomaly_images";
    private static final String MASKS = "anomaly_images_thresholded";

    private final Path out;
    private final Path object;

    /** @param object the object's folder in the data set; @param out the submission's folder, shared by all objects */
    public MvtecAd2Submission(Path object, Path out) {
        this.object = object.toAbsolutePath().normalize();
        this.out = out;
    }

    private String name() {
        return object.getFileName().toString();
    }

    /** The pictures of both private test sets. @throws InvalidInputException when one of these has none */
    public List<Path> pictures() {
        List<Path> pictures = new ArrayList<>();
        for (String set : TEST_SETS) {
            List<Path> found = Folders.images(object.resolve(set));
            if (found.isEmpty()) {
                throw new InvalidInputException("there are no pictures in " + object.resolve(set)
                        + ": name the folder of an object of MVTec AD 2, which holds test_private and "
                        + "test_private_mixed");
            }
            pictures.addAll(found);
        }
        return pictures;
    }

    /** Whether results of this object are there already. */
    public boolean isBegun() {
        return Files.exists(out.resolve(MAPS).resolve(name()))
                || Files.exists(out.resolve(MASKS).resolve(name()));
    }

    /**
     * Writes a picture's map and mask.
     *
     * @param picture one of {@link #pictures()}
     * @param map (height, width) of the picture as it is stored
     * @param marked (height, width) true where a pixel is defective
     */
    public void write(Path picture, int width, int height, float[] map, boolean[] marked) throws IOException {
        String place = name() + "/" + picture.getParent().getFileName() + "/" + Folders.stem(picture);
        Path tiff = out.resolve(MAPS).resolve(place + ".tiff");
        Path png = out.resolve(MASKS).resolve(place + ".png");
        Files.createDirectories(tiff.getParent());
        Files.createDirectories(png.getParent());
        HalfTiff.write(tiff, width, height, map);
        byte[] grey = new byte[marked.length];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = (byte) (marked[i] ? 255 : 0);
        }
        OutputFile.write(png, PngWriter.encode(new GreyImage(width, height, grey)));
    }

    /** Objects whose maps are not there yet. */
    public List<String> missing() {
        return OBJECTS.stream()
                .filter(other -> !Files.isDirectory(out.resolve(MAPS).resolve(other)))
                .toList();
    }
}
