package io.diffusionad.app.fetch;

import io.diffusionad.error.InvalidInputException;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * From an address or a stored archive to a data set's folder: download, checksum, unpack, each step whole or not at
 * all. A single folder that holds all of an archive is left out of the path.
 */
public final class Fetch {
    private final Path out;
    private final String name;

    /** @throws InvalidInputException if the data set's folder exists already */
    public Fetch(Path out, String name) {
        this.out = out;
        this.name = name;
        if (Files.exists(folder())) {
            throw new InvalidInputException(
                    folder() + " is there already: check it with 'data check', remove it, or choose another --out");
        }
    }

    /** Where the data set goes. */
    public Path folder() {
        return out.resolve(name);
    }

    /** @return the archive, whole; it is not asked for again when an earlier run has fetched it */
    public Path download(
            Download download, URI address, String archiveName, boolean verifiable, Download.Listener listener)
            throws IOException, InterruptedException {
        Files.createDirectories(out);
        Path archive = out.resolve(archiveName);
        if (!Files.exists(archive)) {
            download.fetch(address, archive, verifiable, listener);
        }
        return archive;
    }

    /**
     * Writes {@code NAME.sha256} beside the data set, as {@code sha256sum} does.
     *
     * @param expected what it must be, or null when nobody published it
     * @return SHA-256 of the archive
     * @throws InvalidInputException if it is another
     */
    public String verify(Path archive, String expected) throws IOException {
        String found = Checksum.sha256(archive);
        if (expected != null && !expected.equalsIgnoreCase(found)) {
            throw new InvalidInputException(
                    "the archive " + archive + " is not the published one: its SHA-256 is " + found + " instead of "
                            + expected.toLowerCase(java.util.Locale.ROOT)
                            + "; remove it and fetch it again, or take it from its publisher");
        }
        Files.createDirectories(out);
        Files.writeString(out.resolve(name + ".sha256"), found + "  " + archive.getFileName() + "\n");
        return found;
    }

    /** Unpacks into a folder of another name, which is renamed when all is there. */
    public void unpack(Path archive, LongConsumer progress) throws IOException {
        Path unpacking = out.resolve("." + name + ".unpacking");
        remove(unpacking);
        try {
            Files.createDirectories(unpacking);
            Unpacker.unpack(archive, unpacking, progress);
            Files.move(onlyFolder(unpacking), folder(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "the archive " + archive + " could not be unpacked to " + folder() + " (" + e.getMessage()
                            + "): make room or choose another --out; the archive is kept",
                    e);
        } finally {
            remove(unpacking);
        }
    }

    private static Path onlyFolder(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> found = entries.filter(
                            entry -> !entry.getFileName().toString().equals("__MACOSX"))
                    .toList();
            return found.size() == 1
                            && Files.isDirectory(found.get(0))
                            && !found.get(0).getFileName().toString().equals("train")
                    ? found.get(0)
                    : folder;
        }
    }

    private static void remove(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> tree = Files.walk(folder)) {
                for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    /**
     * What to call the archive of an address: the last part of its path, or the data set's name where that is no file
     * name.
     */
    public static String archiveName(URI address, String otherwise) {
        String path = address.getPath() == null ? "" : address.getPath();
        String last = path.substring(path.lastIndexOf('/') + 1).replaceAll("[^A-Za-z0-9._-]", "_");
        return last.lastIndexOf('.') < 1 ? otherwise + ".archive" : last;
    }
}
