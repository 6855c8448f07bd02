package io.diffusionad.benchmarks.peer;

import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.settings.ModelSettings;
import org.bytedeco.pytorch.global.torch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Our networks written on LibTorch, as a contestant. Arguments: {@code one-step|training}, threads,
 * {@code FLOAT32|BFLOAT16}, name of a {@link TorchVariant}, checkpoint, inputs.
 */
public final class LibTorchWorker {
    /**
     * glibc gives large buffers back to the system at every free, and the next allocation pays for the page faults: by
     * these settings it keeps them, from one arena, in huge pages where the system has them. LibTorch's speed about
     * doubles.
     */
    public static final Map<String, String> ENVIRONMENT = Map.of(
            "MALLOC_ARENA_MAX",
            "1",
            "MALLOC_MMAP_MAX_",
            "0",
            "MALLOC_TRIM_THRESHOLD_",
            "17179869184",
            "MALLOC_TOP_PAD_",
            "268435456",
            "GLIBC_TUNABLES",
            "glibc.malloc.hugetlb=1",
            "OPENBLAS_NUM_THREADS",
            "1");
    /**
     * A small heap: weights pass through it one by one. Java's collector need not watch native memory: scopes free it.
     */
    public static final List<String> JVM_OPTIONS = List.of(
            "-Xmx1g",
            "-XX:+UseSerialGC",
            "-Dorg.bytedeco.javacpp.maxBytes=0",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");

    private LibTorchWorker() {}

    public static void main(String[] arguments) throws IOException {
        Worker.serve(() -> {
            torch.set_num_threads(Integer.parseInt(arguments[1]));
            boolean bfloat16 = arguments[2].equals("BFLOAT16");
            TorchVariant variant = TorchVariant.valueOf(arguments[3]);
            Path checkpoint = Path.of(arguments[4]);
            ModelSettings settings = Checkpoint.readCard(checkpoint).model();
            TorchWeights weights = TorchWeights.of(checkpoint, variant.isChannelsLast());
            PeerInputs inputs = PeerInputs.read(Path.of(arguments[5]));
            return arguments[0].equals("training")
                    ? new TorchTraining(settings, weights, inputs, bfloat16, variant.isChannelsLast())
                    : new TorchOneStep(settings, weights, inputs, bfloat16, variant);
        });
    }
}
