package io.diffusionad.data.synthesis;

import io.diffusionad.data.Category;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.ColorConversion;
import io.diffusionad.image.GreyImage;
import io.diffusionad.image.Preparation;
import io.diffusionad.random.Draw;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The reference's precomputed foregrounds (SPEC §2): for objects {@code <category>/DISthresh/good/NAME.png} beside
 * every training image, for textures a random file of {@code carpet/thresh/*.png} for every sample.
 */
public final class ForegroundFiles implements Foreground {
    private final List<GreyImage> masks;
    private final boolean perImage;
    private final Path folder;

    private ForegroundFiles(List<GreyImage> masks, boolean perImage, Path folder) {
        this.masks = masks;
        this.perImage = perImage;
        this.folder = folder;
    }

    /**
     * The files that belong to a category, or empty if there are none. @throws InvalidInputException if only some
     * training images have one
     */
    public static Optional<ForegroundFiles> find(
            Category category, boolean texture, Preparation preparation, int size) {
        Path folder = texture
                ? category.folder().resolveSibling("carpet").resolve("thresh")
                : category.folder().resolve("DISthresh/good");
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        List<Path> files = texture
                ? pngs(folder)
                : category.train().stream()
                        .map(image -> folder.resolve(stem(image) + ".png"))
                        .toList();
        for (Path file : files) {
            if (!Files.isRegularFile(file)) {
                throw new InvalidInputException("foreground " + file
                        + " is missing while its folder exists; add it, or choose another foreground setting");
            }
        }
        List<GreyImage> masks = files.parallelStream()
                .map(file -> ColorConversion.grey(preparation.readSquare(file, size)))
                .toList();
        return masks.isEmpty() ? Optional.empty() : Optional.of(new ForegroundFiles(masks, !texture, folder));
    }

    private static List<Path> pngs(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(".png"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new InvalidInputException(
                    "cannot list foreground folder " + folder + ": " + e.getMessage() + "; check its permissions", e);
        }
    }

    private static String stem(Path file) {
        return file.getFileName().toString().replaceFirst("\\.[^.]+$", "");
    }

    @Override
    public float[] of(int image, RandomGenerator random) {
        return masks.get(perImage ? image : Draw.integer(random, 0, masks.size() - 1))
                .toFloats();
    }

    @Override
    public String description() {
        return masks.size() + " files of " + folder;
    }
}
