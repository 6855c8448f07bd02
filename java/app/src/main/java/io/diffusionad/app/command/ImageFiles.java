package io.diffusionad.app.command;

import io.diffusionad.error.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Finds the images that paths on a command line mean. */
final class ImageFiles {
    private static final String EXTENSIONS = ".*\\.(png|jpe?g|bmp)";

    /**
     * An image and what its results are called.
     *
     * @param name unique among the images: the path below the folder that was named, with '-' between folders, without the extension
     */
    record Named(Path file, String name) { }

    private ImageFiles() { }

    /** @throws InvalidInputException when a path does not exist or a folder holds no image */
    static List<Named> collect(List<Path> paths) throws IOException {
        Map<String, Path> byName = new LinkedHashMap<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                List<Path> found = list(path);
                if (found.isEmpty()) {
                    throw new InvalidInputException("the folder " + path + " holds no PNG, JPEG or BMP image: name another one, or image files");
                }
                found.forEach(file -> add(byName, path.relativize(file).toString(), file));
            } else if (Files.exists(path)) {
                add(byName, path.getFileName().toString(), path);
            } else {
                throw new InvalidInputException("there is no image or folder " + path + ": check the path");
            }
        }
        List<Named> images = new ArrayList<>();
        byName.forEach((name, file) -> images.add(new Named(file, name)));
        return images;
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(Files::isRegularFile).filter(file -> file.getFileName().toString().toLowerCase(Locale.ROOT).matches(EXTENSIONS))
                    .sorted().toList();
        }
    }

    private static void add(Map<String, Path> byName, String relative, Path file) {
        String stem = relative.replaceFirst("\\.[^./\\\\]+$", "").replaceAll("[/\\\\]+", "-");
        String name = stem;
        for (int number = 2; byName.containsKey(name); number++) {
            name = stem + "-" + number;
        }
        byName.put(name, file);
    }
}
