package io.diffusionad.verify;

import io.diffusionad.device.Transfers;
import io.diffusionad.io.HostTensor;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.Layouts;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.train.StepInputs;

import java.io.IOException;

/** A recorded training batch as the engine's {@link StepInputs}. */
final class RecordedBatch {
    private RecordedBatch() {}

    /**
     * @param images (N, 3, H, W)
     * @param masks (N, 1, H, W), or null
     * @param prefix of the names t_normal, t_noisier, noise_normal and noise_noisier
     * @param labels name of the labels behind the prefix
     */
    static StepInputs read(
            GoldenFile file,
            Replay replay,
            Arena arena,
            HostTensor images,
            HostTensor masks,
            String prefix,
            String labels)
            throws IOException {
        int n = images.shape()[0];
        float[] label = file.floats(prefix + labels);
        long[] small = file.longs(prefix + "t_normal");
        long[] big = file.longs(prefix + "t_noisier");
        HostTensor noiseSmall = file.image(prefix + "noise_normal");
        HostTensor noiseBig = file.image(prefix + "noise_noisier");
        if (label.length != n
                || small.length != n
                || big.length != n
                || !noiseSmall.hasShape(images.shape())
                || !noiseBig.hasShape(images.shape())) {
            throw file.invalid("the tensors of " + prefix + " have different numbers of samples or shapes");
        }
        boolean[] anomalous = new boolean[n];
        for (int i = 0; i < n; i++) {
            anomalous[i] = label[i] != 0;
        }
        int[] s = images.shape();
        Tensor noise = arena.float32(2 * n, s[2], s[3], s[1]);
        Transfers.upload(
                replay.device(), noise.slice(0, n), Layouts.toNhwc(noiseSmall.toFloats(), s[0], s[1], s[2], s[3]));
        Transfers.upload(
                replay.device(), noise.slice(n, 2 * n), Layouts.toNhwc(noiseBig.toFloats(), s[0], s[1], s[2], s[3]));
        return new StepInputs(
                replay.upload(arena, images),
                masks == null ? null : replay.upload(arena, masks),
                anomalous,
                small,
                big,
                noise);
    }
}
