package io.diffusionad.data;

import io.diffusionad.error.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A folder of categories whose layout is found out by looking (SPEC §2): a data set with several categories, one category's folder, or just a folder of
 * good images. Nothing is read but names until a category is asked for.
 */
public final class Dataset {
    private final Path root;
    private final DatasetLayout layout;
    private final List<Path> categories;

    private Dataset(Path root, DatasetLayout layout, List<Path> categories) {
        this.root = root;
        this.layout = layout;
        this.categories = categories;
    }

    /** @throws InvalidInputException if the folder is missing, empty, or in none of the known layouts */
    public static Dataset open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new InvalidInputException("data folder " + folder + (Files.exists(folder) ? " is a file, not a folder" : " does not exist")
                    + "; name a folder of good images or a data set in the MVTec or VisA layout");
        }
        Path root = folder.toAbsolutePath().normalize();
        for (DatasetLayout layout : new DatasetLayout[] {DatasetLayout.MVTEC, DatasetLayout.VISA_PUBLISHED}) {
            if (isCategory(root, layout)) {
                return new Dataset(root, layout, List.of(root));
            }
            List<Path> found = Folders.folders(root).stream().filter(child -> isCategory(child, layout)).toList();
            if (!found.isEmpty()) {
                return new Dataset(root, layout, found);
            }
        }
        if (!Folders.images(root).isEmpty()) {
            return new Dataset(root, DatasetLayout.FOLDER, List.of(root));
        }
        throw new InvalidInputException("found no data in " + folder + "; it should hold images (PNG, JPEG, BMP), or train/good, "
                + "or folders with train/good (MVTec) or Data/Images/Normal (VisA)");
    }

    private static boolean isCategory(Path folder, DatasetLayout layout) {
        return Files.isDirectory(folder.resolve(layout == DatasetLayout.MVTEC ? "train/good" : "Data/Images/Normal"));
    }

    public Path root() {
        return root;
    }

    public DatasetLayout layout() {
        return layout;
    }

    /** Names of all categories, sorted. */
    public List<String> categoryNames() {
        return categories.stream().map(path -> path.getFileName().toString()).toList();
    }

    /** Lists the files of the only category. @throws InvalidInputException if there are several, naming them */
    public Category onlyCategory() {
        if (categories.size() > 1) {
            throw new InvalidInputException(root + " holds several categories; choose one of " + String.join(", ", categoryNames()));
        }
        return list(categories.get(0));
    }

    /** Lists the files of a category. @throws InvalidInputException if it does not exist (naming those found), or has no good training images */
    public Category category(String name) {
        for (Path category : categories) {
            if (category.getFileName().toString().equals(name)) {
                return list(category);
            }
        }
        throw new InvalidInputException("no category '" + name + "' in " + root + "; found " + String.join(", ", categoryNames()));
    }

    private Category list(Path folder) {
        String name = folder.getFileName().toString();
        Category category = switch (layout) {
            case MVTEC -> mvtec(name, folder);
            case VISA_PUBLISHED -> VisaSplit.read(name, folder);
            case FOLDER -> new Category(name, folder, layout, Folders.images(folder), List.of());
        };
        if (category.train().isEmpty()) {
            throw new InvalidInputException("category '" + name + "' has no good images to train on; put PNG, JPEG or BMP files into " + folder.resolve("train/good"));
        }
        return category;
    }

    private static Category mvtec(String name, Path folder) {
        List<TestImage> test = new ArrayList<>();
        for (Path kind : Folders.folders(folder.resolve("test"))) {
            String defect = kind.getFileName().toString();
            boolean anomalous = !defect.equals("good");
            Map<String, Path> masks = anomalous ? masks(folder.resolve("ground_truth").resolve(defect)) : Map.of();
            for (Path image : Folders.images(kind)) {
                test.add(new TestImage(image, defect, anomalous, masks.get(Folders.stem(image))));
            }
        }
        return new Category(name, folder, DatasetLayout.MVTEC, Folders.images(folder.resolve("train/good")), test);
    }

    /** Mask files by the stem of the image they belong to: NAME_mask.png (MVTec, MPDD), NAME_label.PNG (DAGM) or NAME.png (VisA). */
    private static Map<String, Path> masks(Path folder) {
        Map<String, Path> masks = new HashMap<>();
        for (Path mask : Folders.images(folder)) {
            masks.putIfAbsent(Folders.stem(mask), mask);
        }
        for (Path mask : Folders.images(folder)) {
            masks.put(Folders.stem(mask).replaceFirst("_(mask|label)$", ""), mask);
        }
        return masks;
    }
}
