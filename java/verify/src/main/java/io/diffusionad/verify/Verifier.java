package io.diffusionad.verify;

import io.diffusionad.device.Device;
import io.diffusionad.io.InvalidFileException;
import io.diffusionad.tensor.DType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Replays a folder of recorded tensors on a device and compares. Files are recognised by what they hold; shapes,
 * widths, seeds and orders come from their metadata, so recordings of other configurations work unchanged. Bounds
 * follow from {@link RoundingModel} for what networks compute.
 */
public final class Verifier {
    private static final List<Check> CHECKS = List.of(
            new ScheduleCheck(),
            new UNetCheck(),
            new SegmentationCheck(),
            new LossCheck(),
            new DiffusionCheck(),
            new ObjectiveCheck(),
            new TrainingCheck(),
            new MetricsCheck(),
            new ResizeCheck(),
            new PerlinCheck(),
            new HeatMapCheck(),
            new AugmentCheck());

    private Verifier() {}

    /**
     * @param precision FLOAT32 or BFLOAT16, of activations
     * @param listener told each result as soon as it is known
     * @throws io.diffusionad.io.InvalidFileException when a recording is damaged or contradicts itself
     */
    public static VerifyReport run(GoldenFolder folder, Device device, DType precision, Consumer<VerifyResult> listener)
            throws IOException {
        Replay replay = new Replay(device, precision, folder, listener);
        ManifestReplay manifest = ManifestReplay.of(folder);
        List<String> skipped = new ArrayList<>();
        for (Path path : folder.files()) {
            String name = path.getFileName().toString();
            if (name.equals(ManifestReplay.NAME)) {
                manifest.run(replay);
            } else if (CheckpointReplay.accepts(path)) {
                CheckpointReplay.run(path, replay, manifest);
            } else if (!name.endsWith(".safetensors") || !replayRecording(folder.read(name), replay)) {
                skipped.add(name);
            }
        }
        skipped.removeIf(name -> replay.isUsed(folder.path().resolve(name)));
        return new VerifyReport(List.copyOf(replay.results()), List.copyOf(skipped));
    }

    /** @return whether something in the file is known */
    private static boolean replayRecording(GoldenFile file, Replay replay) throws IOException {
        boolean known = false;
        for (Check check : CHECKS) {
            if (check.accepts(file)) {
                runReporting(check, file, replay);
                known = true;
            }
        }
        return known;
    }

    /** Shapes and settings that the engine refuses are the recording's fault, since they came from it. */
    private static void runReporting(Check check, GoldenFile file, Replay replay) throws IOException {
        try {
            check.run(file, replay);
        } catch (IllegalArgumentException e) {
            throw new InvalidFileException(
                    file.path(), "it contradicts itself (" + e.getMessage() + ")", "record it again", e);
        }
    }
}
