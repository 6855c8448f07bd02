package io.diffusionad.data;

import io.diffusionad.data.layout.Layouts;
import io.diffusionad.data.layout.PlainFolderLayout;
import io.diffusionad.error.InvalidInputException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A folder of categories whose layout is found out by looking (SPEC §2): a data set with several categories, one
 * category's folder, or just a folder of good images. Nothing is read but names until a category is asked for.
 */
public final class Dataset {
    private final Path root;
    private final DatasetLayout layout;
    private final List<String> categories;

    private Dataset(Path root, DatasetLayout layout, List<String> categories) {
        this.root = root;
        this.layout = layout;
        this.categories = categories;
    }

    /** @throws InvalidInputException if the folder is missing, empty, or in none of the known layouts */
    public static Dataset open(Path folder) {
        if (!Files.exists(folder)) {
            throw new InvalidInputException("data folder " + folder
                    + " does not exist; name a folder of good images or a data set in one of the known " + "layouts");
        }
        Path root = folder.toAbsolutePath().normalize();
        for (DatasetLayout layout : Layouts.all()) {
            List<String> categories = layout.categories(root);
            if (!categories.isEmpty()) {
                return new Dataset(root, layout, categories);
            }
        }
        throw new InvalidInputException(
                Files.isDirectory(folder)
                        ? "found no data in " + folder
                                + "; it should hold images (PNG, JPEG, TIFF, WebP, BMP, PNM), or train/good, or folders with train/good (MVTec) "
                                + "or Data/Images/Normal (VisA)"
                                + below(root)
                        : "data folder " + folder
                                + " is a file, not a folder; name a folder of good images, a data set in one of the known layouts, or a manifest "
                                + "(.csv or .jsonl)");
    }

    /** Which folders below hold pictures after all. */
    private static String below(Path root) {
        Map<Path, Integer> counts = PlainFolderLayout.below(root);
        return counts.isEmpty()
                ? ""
                : "; its subfolders hold pictures: " + PlainFolderLayout.named(root, counts)
                        + "; name the folder of the good ones, for instance --data "
                        + PlainFolderLayout.likelyGood(counts);
    }

    public Path root() {
        return root;
    }

    public DatasetLayout layout() {
        return layout;
    }

    /** Names of all categories, sorted. */
    public List<String> categoryNames() {
        return categories;
    }

    /** Lists the files of the only category. @throws InvalidInputException if there are several, naming them */
    public Category onlyCategory() {
        if (categories.size() > 1) {
            throw new InvalidInputException(
                    root + " holds several categories; choose one with --category: " + String.join(", ", categories));
        }
        return list(categories.get(0));
    }

    /**
     * Lists the files of a category. @throws InvalidInputException if it does not exist (naming those found), or has no
     * good training images
     */
    public Category category(String name) {
        if (!categories.contains(name)) {
            throw new InvalidInputException(
                    "no category '" + name + "' in " + root + "; found " + String.join(", ", categories));
        }
        return list(name);
    }

    private Category list(String name) {
        Category category = layout.read(root, name);
        if (category.train().isEmpty()) {
            throw new InvalidInputException("category '" + name + "' has no good images to train on; "
                    + (Files.isRegularFile(category.folder())
                            ? "add lines with split train to " + category.folder()
                            : "put pictures (PNG, JPEG, TIFF, WebP, BMP or PNM) into "
                                    + category.folder().resolve("train/good")));
        }
        return category;
    }
}
