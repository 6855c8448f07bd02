package io.diffusionad.app.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.app.report.OutputFile;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.AtomicFile;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * The output folder of one training run: fixed file names, a state, and a lock against a second process. A finished run
 * is never touched unless overwriting was asked for, and a folder with anything else in it never at all.
 */
public final class RunFolder implements AutoCloseable {
    private static final String STATE = "run.json";
    private static final String LOCK = ".lock";
    private static final List<String> OWN_FILES = List.of(
            STATE,
            "config.json",
            "last.safetensors",
            "resume.safetensors",
            "best.safetensors",
            "losses.csv",
            "loss.png",
            "metrics.csv",
            "scores.jsonl",
            "report.html");

    /** What has become of a run. */
    public enum State {
        TRAINING,
        INTERRUPTED,
        FINISHED
    }

    private final Path path;
    private final FileChannel lockFile;
    private final FileLock lock;

    private RunFolder(Path path, FileChannel lockFile, FileLock lock) {
        this.path = path;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /** Opens a folder for a run that begins at step 0. */
    public static RunFolder create(Path path, boolean overwrite) throws IOException {
        requireFolder(path);
        if (Files.exists(path.resolve(STATE))) {
            if (!overwrite) {
                State state = readState(path);
                throw new InvalidInputException(
                        state == State.FINISHED
                                ? path + " holds a finished run: choose another --out, or add --overwrite to replace it"
                                : path
                                        + " holds a run that is not finished: go on with  diffusionad train --resume --out "
                                        + path + "  or add --overwrite to replace it");
            }
        } else if (Files.isDirectory(path) && !isEmpty(path)) {
            throw new InvalidInputException(path + " is not empty and holds no training run: choose another --out");
        }
        RunFolder folder = lock(path);
        folder.removeOwnFiles();
        return folder;
    }

    /** Opens the folder of a run that was interrupted, possibly before its first checkpoint. */
    public static RunFolder resume(Path path) throws IOException {
        requireFolder(path);
        if (!Files.exists(path.resolve(STATE))) {
            throw new InvalidInputException(
                    path + " holds no training run to resume: leave out --resume and name --data to begin one");
        }
        if (readState(path) == State.FINISHED) {
            throw new InvalidInputException(path + " holds a finished run: there is nothing to resume");
        }
        if (!Files.exists(path.resolve("resume.safetensors")) && !Files.exists(path.resolve("config.json"))) {
            throw new InvalidInputException(path
                    + " holds a run that ended before its settings were saved: begin it again with --overwrite instead of "
                    + "--resume");
        }
        return lock(path);
    }

    /** Whether there is a step to go on from; without one a run begins again with its own settings. */
    public boolean hasCheckpoint() {
        return Files.exists(resumeFile());
    }

    public Path path() {
        return path;
    }

    public Path config() {
        return path.resolve("config.json");
    }

    /** The model as it is after the latest saved step. */
    public Path last() {
        return path.resolve("last.safetensors");
    }

    /** The model that did best on what {@code --select} names. */
    public Path best() {
        return path.resolve("best.safetensors");
    }

    /** What {@code --resume} needs: weights, Adam's moments, and how far the run is. */
    public Path resumeFile() {
        return path.resolve("resume.safetensors");
    }

    public Path losses() {
        return path.resolve("losses.csv");
    }

    public Path lossPlot() {
        return path.resolve("loss.png");
    }

    public Path metrics() {
        return path.resolve("metrics.csv");
    }

    public Path scores() {
        return path.resolve("scores.jsonl");
    }

    public Path report() {
        return path.resolve("report.html");
    }

    public Path sheets() {
        return path.resolve("sheets");
    }

    public State state() throws IOException {
        return readState(path);
    }

    public void setState(State state, long step) throws IOException {
        OutputFile.write(path.resolve(STATE), "{\"state\": \"" + state + "\", \"step\": " + step + "}\n");
    }

    /** Releases the lock; the files stay. */
    @Override
    public void close() throws IOException {
        lock.release();
        lockFile.close();
    }

    private static State readState(Path path) throws IOException {
        try {
            JsonNode state = new ObjectMapper()
                    .readTree(Files.readString(path.resolve(STATE)))
                    .path("state");
            return State.valueOf(state.asText());
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new InvalidInputException(
                    path.resolve(STATE)
                            + " is damaged: begin again with --overwrite and without --resume, or in another --out",
                    e);
        }
    }

    private static RunFolder lock(Path path) throws IOException {
        Files.createDirectories(path);
        FileChannel channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null; // another run of this very process
        }
        if (lock == null) {
            channel.close();
            throw new InvalidInputException(
                    path + " is in use by another training run: wait for it or choose another --out");
        }
        return new RunFolder(path, channel, lock);
    }

    private void removeOwnFiles() throws IOException {
        for (String name : OWN_FILES) {
            Files.deleteIfExists(path.resolve(name));
        }
        try (Stream<Path> files = Files.list(path)) {
            for (Path file : files.filter(
                            f -> AtomicFile.isPartial(f.getFileName().toString()))
                    .toList()) {
                Files.delete(file);
            }
        }
        if (Files.isDirectory(sheets())) {
            try (Stream<Path> files = Files.list(sheets())) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".png")).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void requireFolder(Path path) {
        for (Path part = path.toAbsolutePath(); part != null; part = part.getParent()) {
            if (Files.exists(part)) {
                if (!Files.isDirectory(part)) {
                    throw new InvalidInputException("the output folder " + path + " cannot be made, because " + part
                            + " is a file: choose another --out");
                }
                if (!Files.isWritable(part)) {
                    throw new InvalidInputException("the output folder " + path
                            + " cannot be written: change the rights of " + part + " or choose another --out");
                }
                return;
            }
        }
    }

    private static boolean isEmpty(Path path) throws IOException {
        try (Stream<Path> entries = Files.list(path)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .allMatch(name -> name.equals(LOCK) || AtomicFile.isPartial(name));
        }
    }
}
