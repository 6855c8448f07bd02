package io.diffusionad.app.run;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.train.TrainingListener.StepReport;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** {@code losses.csv}: one line a step. Appended to while training; a resumed run first cuts off what lies beyond its checkpoint. */
public final class LossLog implements AutoCloseable {
    private static final String HEADER = "step,total,noise,focal,smooth_l1,unet_lr,segmentation_lr,seconds";

    private final BufferedWriter writer;

    private LossLog(BufferedWriter writer) {
        this.writer = writer;
    }

    /** @param steps that the run has behind it; later lines are dropped */
    public static LossLog open(Path file, long steps) throws IOException {
        if (steps == 0 || !Files.exists(file)) {
            Files.writeString(file, HEADER + "\n");
        } else {
            List<String> kept;
            try (Stream<String> lines = Files.lines(file)) {
                kept = lines.filter(line -> line.equals(HEADER) || step(line, file) <= steps).toList();
            }
            Files.write(file, kept);
        }
        return new LossLog(Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND));
    }

    public void append(StepReport report) throws IOException {
        // Full precision, so that equal runs can be compared; only the last column differs between them.
        writer.write(report.step() + "," + report.losses().total() + "," + report.losses().noise() + "," + report.losses().focal() + ","
                + report.losses().smoothL1() + "," + report.unetRate() + "," + report.segmentationRate() + "," + (float) report.seconds() + "\n");
    }

    public void flush() throws IOException {
        writer.flush();
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }

    private static long step(String line, Path file) {
        int comma = line.indexOf(',');
        try {
            // A line that a killed process left unfinished counts as beyond every checkpoint.
            return comma < 0 || line.chars().filter(c -> c == ',').count() < 7 ? Long.MAX_VALUE : Long.parseLong(line.substring(0, comma));
        } catch (NumberFormatException e) {
            throw new InvalidInputException(file + " is damaged at '" + line + "': delete the file, the run goes on without it", e);
        }
    }
}
