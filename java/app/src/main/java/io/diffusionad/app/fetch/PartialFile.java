package io.diffusionad.app.fetch;

import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A download that has not ended: {@code NAME.part}, and {@code NAME.part.json} which says where it comes from and how
 * its server tells versions apart, so that another run of the program appends only what belongs to the same file.
 */
final class PartialFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path target;
    private final Path part;
    private final Path notes;

    /**
     * What the server said about the file.
     *
     * @param url where it was asked for
     * @param validator its strong ETag, else its date of change, else null
     */
    record Origin(String url, String validator) {}

    /** Opens the file to write, emptied first or behind its end. */
    @FunctionalInterface
    interface Opener {
        OutputStream open(Path file, boolean append) throws IOException;
    }

    PartialFile(Path target) {
        this.target = target;
        this.part = target.resolveSibling(target.getFileName() + ".part");
        this.notes = target.resolveSibling(target.getFileName() + ".part.json");
    }

    Path path() {
        return part;
    }

    long size() throws IOException {
        return Files.exists(part) ? Files.size(part) : 0;
    }

    /** Null when nothing readable is noted. */
    Origin origin() {
        try {
            return Files.exists(notes) ? JSON.readValue(notes.toFile(), Origin.class) : null;
        } catch (IOException e) {
            return null; // notes are half written: the download begins again
        }
    }

    void note(Origin origin) throws IOException {
        Files.write(notes, JSON.writeValueAsBytes(origin));
    }

    void discard() throws IOException {
        Files.deleteIfExists(part);
        Files.deleteIfExists(notes);
    }

    /** Gives the whole file its final name. */
    void complete() throws IOException {
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(notes);
    }

    static OutputStream openOnDisk(Path file, boolean append) throws IOException {
        return append
                ? Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                : Files.newOutputStream(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
    }
}
