package io.diffusionad.verify;

import io.diffusionad.io.SafeTensors;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder of recordings: the user's, or the small set that travels in the jar, unpacked until closed. */
public final class GoldenFolder implements Closeable {
    private static final String RESOURCES = "/golden/";

    private final Path folder;
    private final boolean temporary;

    private GoldenFolder(Path folder, boolean temporary) {
        this.folder = folder;
        this.temporary = temporary;
    }

    /** @throws java.nio.file.NotDirectoryException when it is none */
    public static GoldenFolder of(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new java.nio.file.NotDirectoryException(folder.toString());
        }
        return new GoldenFolder(folder, false);
    }

    /** The recordings in the jar, listed in its {@code golden/index.txt}. */
    public static GoldenFolder builtIn() throws IOException {
        Path folder = Files.createTempDirectory("diffusionad-golden");
        try (InputStream index = resource("index.txt")) {
            for (String name : new String(index.readAllBytes(), StandardCharsets.UTF_8).split("\\s+")) {
                try (InputStream in = resource(name)) {
                    Files.copy(in, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        return new GoldenFolder(folder, true);
    }

    public Path path() {
        return folder;
    }

    /** All files, by name. */
    List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .sorted(Comparator.comparing(file -> file.getFileName().toString()))
                    .toList();
        }
    }

    boolean has(String name) {
        return Files.isRegularFile(folder.resolve(name));
    }

    /** A recording of this folder. @throws io.diffusionad.io.InvalidFileException when it is damaged */
    GoldenFile read(String name) throws IOException {
        Path file = folder.resolve(name);
        return new GoldenFile(file, SafeTensors.read(file));
    }

    @Override
    public void close() throws IOException {
        if (temporary) {
            for (Path file : new ArrayList<>(files())) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        }
    }

    private static InputStream resource(String name) {
        InputStream in = GoldenFolder.class.getResourceAsStream(RESOURCES + name);
        if (in == null) {
            throw new IllegalStateException("the jar lacks " + RESOURCES + name);
        }
        return in;
    }
}
