package io.diffusionad.data;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.Images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Listing folders: always sorted by name, hidden files left out. */
public final class Folders {
    private Folders() {}

    /** The images directly in a folder; empty if it does not exist. */
    public static List<Path> images(Path folder) {
        return list(folder, path -> Files.isRegularFile(path) && Images.isNamedAsImage(path));
    }

    /** The folders directly in a folder; empty if it does not exist. */
    public static List<Path> folders(Path folder) {
        return list(folder, Files::isDirectory);
    }

    /**
     * The files directly in a folder whose name ends as given, whatever its case; empty if it does not exist. @param
     * type without a dot
     */
    public static List<Path> files(Path folder, String type) {
        return list(folder, path -> Files.isRegularFile(path) && extension(path).equals(type));
    }

    /** The folder of that name in a folder, whatever its case; the exact name if there is none. */
    public static Path child(Path folder, String name) {
        Path exact = folder.resolve(name);
        return Files.isDirectory(exact)
                ? exact
                : folders(folder).stream()
                        .filter(inner -> inner.getFileName().toString().equalsIgnoreCase(name))
                        .findFirst()
                        .orElse(exact);
    }

    private static List<Path> list(Path folder, Predicate<Path> wanted) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(path -> !path.getFileName().toString().startsWith("."))
                    .filter(wanted)
                    .sorted((a, b) ->
                            a.getFileName().toString().compareTo(b.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw new InvalidInputException(
                    "cannot list folder " + folder + ": " + e.getMessage() + "; check its permissions", e);
        }
    }

    /** The file name without its extension. */
    public static String stem(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    private static String extension(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
