package io.diffusionad.app.run;

import io.diffusionad.app.console.Units;
import io.diffusionad.device.Device;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.settings.Precision;
import io.diffusionad.tensor.DType;
import io.diffusionad.train.MemoryMode;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds settings whose training fits a device's memory, and names the setting to change when those that were asked for
 * do not.
 */
public final class MemoryFit {
    /** Of the memory that is free, settings chosen by the program take at most this part. */
    private static final double COMFORTABLE = 0.5;
    /** Settings that the user chose are refused above this part. */
    private static final double MOST = 0.95;

    private final long available;
    private final DType activations;

    public MemoryFit(Device device, DType activations) {
        this(device.availableMemory() - device.reservedMemory(), activations);
    }

    /** @param available bytes on the device that tensors may take */
    public MemoryFit(long available, DType activations) {
        this.available = Math.max(0, available);
        this.activations = activations;
    }

    /**
     * The quickest memory mode and the largest micro-batch that fit comfortably, where these are left open; the leanest
     * when nothing does.
     *
     * @param memory asked for, or empty
     * @param microBatch asked for, or empty
     */
    public RunSettings choose(RunSettings settings, Optional<MemoryMode> memory, Optional<Integer> microBatch) {
        List<MemoryMode> modes = memory.map(List::of).orElse(List.of(MemoryMode.FAST, MemoryMode.LEAN));
        List<Integer> sizes = microBatch.map(List::of).orElseGet(() -> halvings(settings.batch()));
        RunSettings candidate = settings;
        for (MemoryMode mode : modes) {
            for (int size : mode == MemoryMode.FAST ? sizes.subList(0, 1) : sizes) {
                candidate = settings.toBuilder().memory(mode).microBatch(size).build();
                if (plan(candidate).memory() <= COMFORTABLE * available) {
                    return candidate;
                }
            }
        }
        return candidate;
    }

    /**
     * @throws InvalidInputException naming a change that makes it fit, when the plan needs more memory than there is
     */
    public void require(RunSettings settings, TrainingPlan plan) {
        if (fits(plan)) {
            return;
        }
        throw new InvalidInputException("training needs about " + Units.bytes(plan.memory()) + " of memory, and "
                + Units.bytes(available) + " are free: " + remedy(settings));
    }

    /**
     * For a run that goes on, whose settings stay. @throws InvalidInputException when the plan needs more memory than
     * there is
     */
    public void requireAsItIs(TrainingPlan plan) {
        if (!fits(plan)) {
            throw new InvalidInputException(
                    "this run needs about " + Units.bytes(plan.memory()) + " of memory, and " + Units.bytes(available)
                            + " are free: close other programs, or go on with it on a device with more memory");
        }
    }

    private String remedy(RunSettings settings) {
        record Change(String option, RunSettings settings) {}
        List<Change> changes = new ArrayList<>();
        changes.add(new Change(
                "--memory lean", settings.toBuilder().memory(MemoryMode.LEAN).build()));
        changes.add(new Change(
                "--memory lean --micro-batch 1",
                settings.toBuilder().memory(MemoryMode.LEAN).microBatch(1).build()));
        changes.add(new Change(
                "--precision bf16 --memory lean --micro-batch 1",
                settings.toBuilder()
                        .precision(Precision.BF16)
                        .memory(MemoryMode.LEAN)
                        .microBatch(1)
                        .build()));
        int least = RunSettings.leastBatch(settings.model());
        for (int batch : halvings(settings.batch()).stream()
                .filter(size -> size >= least)
                .toList()) {
            changes.add(new Change(
                    "--batch " + batch + " --memory lean --micro-batch 1",
                    settings.toBuilder()
                            .batch(batch)
                            .memory(MemoryMode.LEAN)
                            .microBatch(1)
                            .build()));
        }
        return changes.stream()
                .filter(change -> fits(plan(change.settings())))
                .findFirst()
                .map(change -> "add " + change.option())
                .orElse("choose a smaller --image-size or --base-channels, or a device with more memory");
    }

    private boolean fits(TrainingPlan plan) {
        return plan.memory() <= MOST * available;
    }

    private TrainingPlan plan(RunSettings settings) {
        return TrainingPlan.of(
                settings.model(),
                settings.training(settings.precision() == Precision.BF16 ? DType.BFLOAT16 : activations));
    }

    private static List<Integer> halvings(int batch) {
        List<Integer> sizes = new ArrayList<>();
        for (int size = batch; size >= 1; size /= 2) {
            sizes.add(size);
        }
        return sizes;
    }
}
