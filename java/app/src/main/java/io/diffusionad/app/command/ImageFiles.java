package io.diffusionad.app.command;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.Images;
import io.diffusionad.io.FileProblem;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Finds the pictures that paths on a command line mean. A file that is named is taken as it is. In folders, what lies
 * beside pictures is left out: hidden files and folders ({@code ._a.png}, {@code .thumbnails}), folders that systems
 * put there, and results of this program.
 */
final class ImageFiles {
    /** Archives of macOS, network storage and recycle bins leave copies and thumbnails in these. */
    private static final Set<String> FOREIGN_FOLDERS =
            Set.of("__macosx", "@eadir", "#recycle", "$recycle.bin", "thumbnails", "thumbs");

    /**
     * A picture and what its results are called.
     *
     * @param name unique among the pictures: the path below the folder that was named, with '-' between folders,
     *     without the extension
     */
    record Named(Path file, String name) {}

    /**
     * @param images in the order of the paths, those of a folder sorted
     * @param unreadable folders below those named that cannot be listed, with the reason
     * @param results pictures left out because this program made them
     */
    record Found(List<Named> images, Map<Path, String> unreadable, int results) {}

    private final OwnResults own;
    private final Map<String, Path> byName = new LinkedHashMap<>();
    private final Map<Path, String> unreadable = new LinkedHashMap<>();
    private int results;

    private ImageFiles(OwnResults own) {
        this.own = own;
    }

    /**
     * @param out folder that results go to, whose pictures are results too; null for none
     * @throws InvalidInputException when a path does not exist or a folder holds no picture
     */
    static Found collect(List<Path> paths, Path out) throws IOException {
        ImageFiles files = new ImageFiles(new OwnResults(out));
        for (Path path : paths) {
            files.collect(path);
        }
        List<Named> images = new ArrayList<>();
        files.byName.forEach((name, file) -> images.add(new Named(file, name)));
        return new Found(images, files.unreadable, files.results);
    }

    private void collect(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            int resultsBefore = results;
            List<Path> found = list(path);
            if (found.isEmpty()) {
                int skipped = results - resultsBefore;
                throw new InvalidInputException("the folder " + path + " holds no picture (" + Images.FORMATS + ")"
                        + (skipped == 0 ? "" : " besides " + skipped + " that this program made")
                        + ": name another one, or image files");
            }
            found.forEach(file -> add(path.relativize(file).toString(), file));
        } else if (Files.exists(path)) {
            add(path.getFileName().toString(), path);
        } else {
            throw new InvalidInputException("there is no image or folder " + path + ": check the path");
        }
    }

    private List<Path> list(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path inner, BasicFileAttributes attributes) {
                return inner.equals(folder) || !isForeign(inner)
                        ? FileVisitResult.CONTINUE
                        : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = file.getFileName().toString();
                if (!name.startsWith(".") && Images.isNamedAsImage(file) && Files.isRegularFile(file)) {
                    if (own.includes(folder, file)) {
                        results++;
                    } else {
                        found.add(file);
                    }
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (file.equals(folder)) {
                    throw e;
                }
                unreadable.put(file, "cannot list " + file + ": " + FileProblem.reason(e));
                return FileVisitResult.CONTINUE;
            }
        });
        found.sort(Comparator.naturalOrder());
        return found;
    }

    private static boolean isForeign(Path folder) {
        String name = folder.getFileName().toString();
        return name.startsWith(".") || FOREIGN_FOLDERS.contains(name.toLowerCase(Locale.ROOT));
    }

    private void add(String relative, Path file) {
        String stem = relative.replaceFirst("\\.[^./\\\\]+$", "").replaceAll("[/\\\\]+", "-");
        String name = stem;
        for (int number = 2; byName.containsKey(name); number++) {
            name = stem + "-" + number;
        }
        byName.put(name, file);
    }
}
