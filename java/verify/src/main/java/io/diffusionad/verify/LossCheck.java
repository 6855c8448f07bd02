package io.diffusionad.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.diffusionad.io.HostTensor;
import io.diffusionad.ops.LossOps.SegmentationLoss;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.Tensor;

import java.io.IOException;

/** Focal and smooth L1 loss, and their gradients by the predicted probabilities. Always float32. */
final class LossCheck implements Check {
    /** Rounded operations in the longest chain of one element: exponentials, logarithms, a power and products. */
    private static final int ELEMENT_OPERATIONS = 32;

    @Override
    public boolean accepts(GoldenFile file) {
        return file.has("pred", "mask", "focal", "smooth_l1");
    }

    @Override
    public void run(GoldenFile file, Replay replay) throws IOException {
        JsonNode focal = file.json("focal");
        float alpha = (float) focal.path("alpha").asDouble(SegmentationLoss.DEFAULT.alpha());
        float gamma = (float) focal.path("gamma").asDouble(SegmentationLoss.DEFAULT.gamma());
        HostTensor prediction = file.image("pred");
        try (Arena arena = replay.device().newArena("verify " + file.name())) {
            Tensor pred = replay.upload(arena, prediction);
            Tensor mask = replay.upload(arena, file.image("mask"));
            RoundingModel element = RoundingModel.float32Sum(ELEMENT_OPERATIONS);
            RoundingModel mean = RoundingModel.float32Sum(ELEMENT_OPERATIONS + prediction.elements());
            float[] losses = losses(
                    replay, arena, pred, mask, new SegmentationLoss(alpha, gamma, 1f, 0f), "focal_grad", file, element);
            losses(
                    replay,
                    arena,
                    pred,
                    mask,
                    new SegmentationLoss(alpha, gamma, 0f, 1f),
                    "smooth_l1_grad",
                    file,
                    element);
            replay.add(file, "focal loss", Errors.relative(losses[0], file.scalar("focal")), mean.forward());
            replay.add(file, "smooth L1 loss", Errors.relative(losses[1], file.scalar("smooth_l1")), mean.forward());
        }
    }

    private static float[] losses(
            Replay replay,
            Arena arena,
            Tensor pred,
            Tensor mask,
            SegmentationLoss settings,
            String gradient,
            GoldenFile file,
            RoundingModel rounding)
            throws IOException {
        Tensor losses = arena.float32(2);
        Tensor dpred = arena.float32(pred.dims());
        replay.device().ops().segmentationLossForwardBackward(losses, dpred, pred, mask, settings);
        if (file.has(gradient)) {
            replay.addTensor(
                    file,
                    gradient.replace("_grad", " gradient").replace('_', ' '),
                    dpred,
                    file.image(gradient),
                    rounding.backward());
        }
        return replay.download(losses);
    }
}
