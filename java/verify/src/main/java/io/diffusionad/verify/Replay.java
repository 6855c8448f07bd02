package io.diffusionad.verify;

import io.diffusionad.device.Device;
import io.diffusionad.device.Transfers;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.InvalidFileException;
import io.diffusionad.nn.ParameterStore;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Layouts;
import io.diffusionad.tensor.Tensor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One replay of a folder: the device, the precision of activations, where results go, and the way between recordings
 * (NCHW) and tensors (NHWC).
 */
final class Replay {
    private static final double DEVIATIONS = 4;

    private final Device device;
    private final DType precision;
    private final GoldenFolder folder;
    private final Consumer<VerifyResult> listener;
    private final List<VerifyResult> results = new ArrayList<>();
    private final Set<Path> used = new HashSet<>();

    Replay(Device device, DType precision, GoldenFolder folder, Consumer<VerifyResult> listener) {
        this.device = device;
        this.precision = precision;
        this.folder = folder;
        this.listener = listener;
    }

    Device device() {
        return device;
    }

    DType precision() {
        return precision;
    }

    GoldenFolder folder() {
        return folder;
    }

    List<VerifyResult> results() {
        return results;
    }

    /** Notes that a file beside the recordings took part. */
    void markUsed(Path file) {
        used.add(file);
    }

    boolean isUsed(Path file) {
        return used.contains(file);
    }

    void add(GoldenFile file, String quantity, double error, double bound) {
        add(file.name(), quantity, error, bound);
    }

    void add(String file, String quantity, double error, double bound) {
        VerifyResult result = new VerifyResult(file, quantity, error, bound);
        results.add(result);
        listener.accept(result);
    }

    /**
     * Compares a result with its two probes: the norm, and the dot product, whose error is counted in standard
     * deviations of a dot product with a random vector (uniform in [-1, 1), variance 1/3), so that it is of the size of
     * the relative L2 error that causes it; it may be {@value #DEVIATIONS} of them.
     *
     * @param scale what the error is relative to, at least the recorded norm
     */
    void addProbe(
            GoldenFile file,
            String quantity,
            GoldenFile.Probe actual,
            GoldenFile.Probe expected,
            double scale,
            double bound) {
        double norm = Errors.ratio(Math.abs(actual.l2() - expected.l2()), scale);
        double dot = Errors.ratio(Math.abs(actual.dot() - expected.dot()) * Math.sqrt(3), scale) / DEVIATIONS;
        // Math.max passes NaN on.
        add(file, quantity, Math.max(norm, dot), bound);
    }

    /** A recording (N, C, H, W) as a float32 tensor (N, H, W, C). */
    Tensor upload(Arena arena, HostTensor nchw) {
        int[] s = nchw.shape();
        Tensor tensor = arena.float32(s[0], s[2], s[3], s[1]);
        Transfers.upload(device, tensor, Layouts.toNhwc(nchw.toFloats(), s[0], s[1], s[2], s[3]));
        return tensor;
    }

    Tensor upload(Arena arena, long... values) {
        Tensor tensor = arena.tensor(DType.INT64, values.length);
        Transfers.upload(device, tensor, values);
        return tensor;
    }

    Tensor upload(Arena arena, int[] dims, float... values) {
        Tensor tensor = arena.float32(dims);
        Transfers.upload(device, tensor, values);
        return tensor;
    }

    /** A tensor (N, H, W, C) in the order of recordings; of another rank as it is. */
    float[] download(Tensor tensor) {
        float[] values = Transfers.toFloats(device, tensor);
        return tensor.rank() == 4
                ? Layouts.toNchw(values, tensor.dim(0), tensor.dim(3), tensor.dim(1), tensor.dim(2))
                : values;
    }

    /** Compares a tensor's values by relative L2 norm. */
    void addTensor(GoldenFile file, String quantity, Tensor actual, HostTensor expected, double bound) {
        add(file, quantity, Errors.relativeL2(download(actual), expected.toFloats()), bound);
    }

    /**
     * Compares all gradients of a network with their probes, and with the whole ones that the file has as
     * {@code grad.NAME}.
     */
    void addGradients(
            GoldenFile file,
            String prefix,
            ParameterStore parameters,
            Map<String, GoldenFile.Probe> expected,
            double bound)
            throws InvalidFileException {
        GradientScale scale = new GradientScale(expected, parameters);
        for (Map.Entry<String, GoldenFile.Probe> entry : expected.entrySet()) {
            String name = entry.getKey();
            if (!parameters.trainableNames().contains(name)) {
                throw file.invalid("its 'parameters' name '" + name + "', which the network does not have");
            }
            float[] gradient = parameters.exportReference(ParameterStore.Slab.GRADIENTS, name);
            GoldenFile.Probe actual =
                    GoldenFile.Probe.of(gradient, entry.getValue().position());
            addProbe(file, prefix + "gradient probe " + name, actual, entry.getValue(), scale.of(name), bound);
            if (file.has("grad." + name)) {
                double difference = Errors.l2Difference(gradient, file.floats("grad." + name));
                add(file, prefix + "gradient " + name, Errors.ratio(difference, scale.of(name)), bound);
            }
        }
    }
}
