package io.diffusionad.backend.cuda;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * The kernels that measured fastest, one line a shape, in a file a card and build of the kernels:
 * {@code $XDG_CACHE_HOME/diffusionad/cuda-NAME-BUILD.tsv} (or {@code ~/.cache/…}). Read at the first question, appended
 * to after each measurement. Where the file cannot be read or written, choices last as long as the process.
 */
final class TuningCache {
    private static final Logger LOG = LoggerFactory.getLogger(TuningCache.class);

    private final Path file;
    private Map<String, String> choices;
    private boolean writable = true;

    TuningCache(Path file) {
        this.file = file;
    }

    /** @param build a number that changes with the kernels */
    static TuningCache forCard(GpuProperties gpu, int build) {
        String configured = System.getenv("XDG_CACHE_HOME");
        Path base = configured == null || configured.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(configured);
        String card = gpu.name().replaceAll("[^A-Za-z0-9]+", "-");
        return new TuningCache(
                base.resolve("diffusionad").resolve("cuda-" + card + "-" + Integer.toHexString(build) + ".tsv"));
    }

    /** The kernel chosen for a shape, or null. */
    String get(String shape) {
        if (choices == null) {
            choices = read();
        }
        return choices.get(shape);
    }

    void put(String shape, String kernel) {
        choices.put(shape, kernel);
        if (writable) {
            try {
                Files.createDirectories(file.getParent());
                Files.writeString(
                        file, shape + "\t" + kernel + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                writable = false;
                LOG.debug("kernel choices are not kept: cannot write {}", file, e);
            }
        }
    }

    /** Lines of any other form, such as one cut off by a crash, are passed over: they are measured again. */
    private Map<String, String> read() {
        Map<String, String> known = new HashMap<>();
        try {
            if (Files.isReadable(file)) {
                for (String line : Files.readAllLines(file)) {
                    String[] cells = line.split("\t");
                    if (cells.length == 2) {
                        known.put(cells[0], cells[1]);
                    }
                }
            }
        } catch (IOException e) {
            LOG.debug("kernel choices are measured again: cannot read {}", file, e);
        }
        return known;
    }
}
