package io.diffusionad.data.synthesis;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.Images;
import io.diffusionad.image.Preparation;
import io.diffusionad.image.RgbImage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The images of a folder such as DTD ({@code images/<class>/*.jpg}), resized once to the training size. Decoded images
 * are kept, least recently used ones dropped, within {@value #CACHE_BYTES} bytes: the whole of DTD at 256x256 would
 * take 1.1 GB.
 */
public final class TextureFolder implements AnomalyTextures {
    private static final long CACHE_BYTES = 256L << 20;
    private static final int MAX_DEPTH = 4;

    private final Path folder;
    private final List<Path> files;
    private final Preparation preparation;
    private final int width;
    private final int height;
    private final Map<Integer, RgbImage> cache;

    /**
     * @param folder searched with its subfolders
     * @param shrink as the pictures of the part; levels and fit are those of another camera, and stay the reference's
     * @throws InvalidInputException if the folder is missing or holds no picture
     */
    public TextureFolder(Path folder, Preparation.Shrink shrink, int width, int height) {
        this.folder = folder;
        this.preparation = Preparation.REFERENCE.withShrink(shrink);
        this.width = width;
        this.height = height;
        this.files = files(folder);
        int capacity = (int) Math.max(16, CACHE_BYTES / (3L * width * height));
        this.cache = new LinkedHashMap<>(64, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Integer, RgbImage> eldest) {
                return size() > capacity;
            }
        };
    }

    private static List<Path> files(Path folder) {
        List<Path> files = List.of();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> tree = Files.walk(folder, MAX_DEPTH)) {
                files = tree.filter(
                                path -> !path.getFileName().toString().startsWith(".") && Images.isNamedAsImage(path))
                        .sorted()
                        .toList();
            } catch (IOException | UncheckedIOException e) {
                throw new InvalidInputException(
                        "cannot list texture folder " + folder + ": " + e.getMessage() + "; check its permissions", e);
            }
        }
        if (files.isEmpty()) {
            throw new InvalidInputException(
                    "found no anomaly textures in " + folder + " (" + Images.FORMATS
                            + ", as in DTD's images/<class>); put pictures there, or name a folder that holds some with --textures");
        }
        return files;
    }

    @Override
    public int count() {
        return files.size();
    }

    @Override
    public RgbImage get(int index) {
        synchronized (cache) {
            RgbImage known = cache.get(index);
            if (known != null) {
                return known;
            }
        }
        RgbImage image = preparation.resize(preparation.read(files.get(index)), width, height);
        synchronized (cache) {
            cache.put(index, image);
        }
        return image;
    }

    @Override
    public String description() {
        return files.size() + " textures of " + folder;
    }
}
