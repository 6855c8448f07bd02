package io.diffusionad.verify;

import io.diffusionad.checkpoint.ReferenceConfig;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.InvalidFileException;
import io.diffusionad.io.TorchCheckpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * The reference's checkpoints: read through the restricted unpickler, and compared with the manifest and, where they
 * were made by it, the weights' formula.
 */
final class CheckpointReplay {
    private static final long SALTS = 1 << 16;

    private CheckpointReplay() {}

    static boolean accepts(Path path) {
        String name = path.getFileName().toString();
        return name.endsWith(".pt") || name.endsWith(".pth");
    }

    static void run(Path path, Replay replay, ManifestReplay manifest) throws IOException {
        TorchCheckpoint checkpoint = TorchCheckpoint.read(path);
        String file = path.getFileName().toString();
        if (!(checkpoint.root() instanceof Map<?, ?> root)) {
            throw new InvalidFileException(path, "it is no dictionary", "record it again");
        }
        if (root.get("args") instanceof Map<?, ?> args) {
            ReferenceConfig config = ReferenceConfig.of(args, file);
            replay.add(
                    file,
                    "settings that are unknown",
                    config.remarks().stream()
                            .filter(remark -> remark.contains("unknown"))
                            .count(),
                    0);
        }
        for (Object key : root.keySet()) {
            if (key instanceof String state && state.endsWith("_state_dict")) {
                Map<String, HostTensor> tensors = checkpoint.tensors(state);
                manifest.compareState(replay, file, state, tensors);
                values(replay, file, state, tensors);
            }
        }
    }

    /** Every value must be exact: nothing is computed. */
    private static void values(Replay replay, String file, String state, Map<String, HostTensor> tensors) {
        OptionalLong salt = salt(tensors);
        if (salt.isEmpty()) {
            return;
        }
        int different = 0;
        long position = 0;
        for (Map.Entry<String, HostTensor> entry : tensors.entrySet()) {
            float[] expected =
                    GoldenWeights.values(entry.getKey(), entry.getValue().shape(), position++, salt.getAsLong());
            different += Arrays.equals(expected, entry.getValue().toFloats()) ? 0 : 1;
        }
        replay.add(file, state + ": tensors that differ from their formula", different, 0);
    }

    /** The salt that explains the first value; none when the weights were not made by formula. */
    private static OptionalLong salt(Map<String, HostTensor> tensors) {
        Map.Entry<String, HostTensor> first =
                tensors.entrySet().stream().findFirst().orElse(null);
        if (first == null || first.getValue().elements() == 0) {
            return OptionalLong.empty();
        }
        float value = first.getValue().toFloats()[0];
        GoldenWeights.Formula formula =
                GoldenWeights.Formula.of(first.getKey(), first.getValue().shape());
        return LongStream.range(0, SALTS)
                .filter(salt -> formula.value(GoldenWeights.uniform(salt, 0)) == value)
                .findFirst();
    }
}
