package io.diffusionad.backend.cpu;

import io.diffusionad.ops.LossOps;
import io.diffusionad.tensor.Tensor;

import static io.diffusionad.backend.cpu.Operands.floats;

/** The losses by our own loops, summed in float64. */
final class CpuLoss implements LossOps {
    private final CpuHandle handle;

    CpuLoss(CpuHandle handle) {
        this.handle = handle;
    }

    @Override
    public void squaredErrorForwardBackward(
            Tensor loss, Tensor deps, Tensor eps, Tensor noise, Tensor weight, boolean accumulate) {
        String operation = "squaredErrorForwardBackward";
        floats(operation, "eps", eps, eps.elements());
        floats(operation, "deps", deps, eps.elements());
        floats(operation, "noise", noise, eps.elements());
        floats(operation, "loss", loss, eps.dim(0));
        floats(operation, "weight", weight, eps.dim(0));
        squaredError(
                handle.address(),
                loss.address(),
                deps.address(),
                eps.address(),
                noise.address(),
                weight.address(),
                eps.dim(0),
                eps.elements() / eps.dim(0),
                accumulate);
    }

    @Override
    public void segmentationLossForwardBackward(
            Tensor losses, Tensor dpred, Tensor pred, Tensor mask, SegmentationLoss settings) {
        String operation = "segmentationLossForwardBackward";
        floats(operation, "losses", losses, 2);
        floats(operation, "pred", pred, pred.elements());
        floats(operation, "dpred", dpred, pred.elements());
        floats(operation, "mask", mask, pred.elements());
        segmentationLoss(
                handle.address(),
                losses.address(),
                dpred.address(),
                pred.address(),
                mask.address(),
                pred.elements(),
                settings.alpha(),
                settings.gamma(),
                settings.focalWeight(),
                settings.smoothWeight());
    }

    private static native void squaredError(
            long context,
            long loss,
            long deps,
            long eps,
            long noise,
            long weight,
            long n,
            long elements,
            boolean accumulate);

    private static native void segmentationLoss(
            long context,
            long losses,
            long dpred,
            long pred,
            long mask,
            long elements,
            float alpha,
            float gamma,
            float focalWeight,
            float smoothWeight);
}
