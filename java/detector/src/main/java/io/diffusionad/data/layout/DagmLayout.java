package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.Folders;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.UnusedFile;
import io.diffusionad.error.InvalidInputException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * DAGM 2007 as published: {@code ClassN/{Train,Test}/NNNN.PNG}, {@code Label/NNNN_label.PNG} for the defective ones
 * (ellipses around the defect), and {@code Label/Labels.txt} with rows of {@code number, 0 or 1, file, 0, label}. The
 * defective pictures of {@code Train} never train. A folder {@code Train} alone is a category too, without tests.
 */
final class DagmLayout extends CategoryFolders {
    private static final String LABELS = "Label";

    @Override
    public String title() {
        return "DAGM 2007";
    }

    @Override
    boolean isCategory(Path folder) {
        return isSplit(Folders.child(folder, "Train")) || isSplit(folder);
    }

    /** Whether a folder holds pictures and their labels. */
    private static boolean isSplit(Path folder) {
        Path labels = Folders.child(folder, LABELS);
        return Files.isDirectory(labels)
                && !Folders.images(folder).isEmpty()
                && (Files.exists(labels.resolve("Labels.txt"))
                        || Folders.images(labels).stream()
                                .anyMatch(file -> Folders.stem(file).endsWith("_label")));
    }

    @Override
    Category read(Path folder) {
        Path train = Folders.child(folder, "Train");
        if (!isSplit(train)) {
            train = folder;
        }
        List<Path> good = new ArrayList<>();
        List<UnusedFile> unused = new ArrayList<>();
        for (TestImage image : split(train)) {
            if (image.anomalous()) {
                unused.add(new UnusedFile(image.image(), "defective pictures never train"));
            } else {
                good.add(image.image());
            }
        }
        List<TestImage> test = train.equals(folder) ? List.of() : split(Folders.child(folder, "Test"));
        return Category.builder()
                .name(folder.getFileName().toString())
                .folder(folder)
                .layout(this)
                .train(good)
                .test(test)
                .unused(unused)
                .build();
    }

    /** Defective pictures first. */
    private static List<TestImage> split(Path folder) {
        Path labels = Folders.child(folder, LABELS);
        Map<String, List<Path>> masks = PictureFolder.masksIn(labels);
        Set<String> listed = defects(labels.resolve("Labels.txt"));
        List<TestImage> defective = new ArrayList<>();
        List<TestImage> good = new ArrayList<>();
        for (Path picture : Folders.images(folder)) {
            String number = Folders.stem(picture);
            if (masks.containsKey(number) || listed.contains(number)) {
                defective.add(new TestImage(picture, "defect", true, masks.getOrDefault(number, List.of())));
            } else {
                good.add(TestImage.good(picture));
            }
        }
        defective.addAll(good);
        return defective;
    }

    /** Stems of the pictures that Labels.txt calls defective; its first line holds a number alone. */
    private static Set<String> defects(Path file) {
        Set<String> defects = new HashSet<>();
        if (!Files.exists(file)) {
            return defects;
        }
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                String[] fields = line.strip().split("\\s+");
                if (fields.length >= 3 && fields[1].equals("1")) {
                    defects.add(Folders.stem(Path.of(fields[2])));
                }
            }
        } catch (IOException e) {
            throw new InvalidInputException("cannot read " + file + ": " + e.getMessage(), e);
        }
        return defects;
    }
}
