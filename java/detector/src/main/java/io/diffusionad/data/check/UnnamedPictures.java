package io.diffusionad.data.check;

import io.diffusionad.data.Category;
import io.diffusionad.data.Folders;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.UnusedFile;
import io.diffusionad.error.InvalidInputException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Pictures in a data set's folder that nobody mentions. */
final class UnnamedPictures {
    /** Foreground masks of the original program, which synthesis reads. */
    private static final Set<String> FOREGROUNDS = Set.of("DISthresh", "thresh");

    private UnnamedPictures() {}

    static List<Path> find(Path root, List<Category> categories) {
        Path folder = Files.isDirectory(root) ? root : root.getParent();
        Set<Path> known = new HashSet<>();
        for (Category category : categories) {
            known.addAll(category.train());
            known.addAll(category.validation());
            for (TestImage image : category.test()) {
                known.add(image.image());
                known.addAll(image.masks());
            }
            category.unused().stream().map(UnusedFile::file).forEach(known::add);
        }
        List<Path> unnamed = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(folder)) {
            tree.filter(Files::isDirectory)
                    .filter(path -> isLookedAt(folder, path))
                    .forEach(inside -> Folders.images(inside).stream()
                            .filter(picture -> !known.contains(picture) && !isBelow(picture, known, folder))
                            .forEach(unnamed::add));
        } catch (IOException e) {
            throw new InvalidInputException(
                    "cannot list folder " + folder + ": " + e.getMessage() + "; check its permissions", e);
        }
        return unnamed.stream().sorted().toList();
    }

    private static boolean isLookedAt(Path root, Path folder) {
        for (Path name : root.relativize(folder)) {
            if (name.toString().startsWith(".") || FOREGROUNDS.contains(name.toString())) {
                return false;
            }
        }
        return true;
    }

    /** A layout leaves out whole folders by naming them. */
    private static boolean isBelow(Path picture, Set<Path> known, Path root) {
        for (Path parent = picture.getParent();
                parent != null && parent.startsWith(root);
                parent = parent.getParent()) {
            if (known.contains(parent)) {
                return true;
            }
        }
        return false;
    }
}
