package io.diffusionad.app.run;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.AtomicFile;
import io.diffusionad.io.FileProblem;
import io.diffusionad.train.TrainingListener.StepReport;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code losses.csv}: one line a step. Appended to while training; a resumed run first cuts off what lies beyond its
 * checkpoint.
 */
public final class LossLog implements AutoCloseable {
    private static final String HEADER = "step,total,noise,focal,smooth_l1,unet_lr,segmentation_lr,seconds";

    private final Path file;
    private final BufferedWriter writer;

    private LossLog(Path file, BufferedWriter writer) {
        this.file = file;
        this.writer = writer;
    }

    /** @param steps that the run has behind it; later lines are dropped */
    public static LossLog open(Path file, long steps) throws IOException {
        if (steps == 0 || !Files.exists(file)) {
            replace(file, List.of(HEADER));
        } else {
            List<String> kept;
            try (Stream<String> lines = Files.lines(file)) {
                kept = lines.filter(line -> line.equals(HEADER) || step(line, file) <= steps)
                        .toList();
            }
            replace(file, kept);
        }
        return new LossLog(file, Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND));
    }

    public void append(StepReport report) throws IOException {
        // Full precision, so that equal runs can be compared; only the last column differs between them.
        named(() -> writer.write(report.step() + "," + report.losses().total() + ","
                + report.losses().noise() + "," + report.losses().focal() + ","
                + report.losses().smoothL1() + "," + report.unetRate() + "," + report.segmentationRate() + ","
                + (float) report.seconds() + "\n"));
    }

    public void flush() throws IOException {
        named(writer::flush);
    }

    @Override
    public void close() throws IOException {
        named(writer::close);
    }

    private interface Action {
        void run() throws IOException;
    }

    /** A stream on a full disk does not say which file it belongs to. */
    private void named(Action action) throws IOException {
        try {
            action.run();
        } catch (IOException e) {
            throw FileProblem.naming(file, e);
        }
    }

    private static void replace(Path file, List<String> lines) throws IOException {
        AtomicFile.writeQuickly(file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static long step(String line, Path file) {
        int comma = line.indexOf(',');
        try {
            // A line that a killed process left unfinished counts as beyond every checkpoint.
            return comma < 0 || line.chars().filter(c -> c == ',').count() < 7
                    ? Long.MAX_VALUE
                    : Long.parseLong(line.substring(0, comma));
        } catch (NumberFormatException e) {
            throw new InvalidInputException(
                    file + " is damaged at '" + line + "': delete the file, the run goes on without it", e);
        }
    }
}
