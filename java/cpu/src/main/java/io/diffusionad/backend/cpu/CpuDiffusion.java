package io.diffusionad.backend.cpu;

import io.diffusionad.ops.DiffusionOps;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import static io.diffusionad.backend.cpu.Operands.address;
import static io.diffusionad.backend.cpu.Operands.exactly;
import static io.diffusionad.backend.cpu.Operands.floats;
import static io.diffusionad.backend.cpu.Operands.image;
import static io.diffusionad.backend.cpu.Operands.optionalFloats;
import static io.diffusionad.backend.cpu.Operands.require;

/** The diffusion formulas by our own loops. */
final class CpuDiffusion implements DiffusionOps {
    private final CpuHandle handle;

    CpuDiffusion(CpuHandle handle) {
        this.handle = handle;
    }

    @Override
    public void gaussianNoise(Tensor y, Tensor samples, long seed, int purpose) {
        String operation = "gaussianNoise";
        image(operation, "y", y);
        floats(operation, "y", y, y.elements());
        exactly(operation, "samples", samples, DType.INT64, y.dim(0));
        gaussianNoise(
                handle.address(),
                y.address(),
                samples.address(),
                y.dim(0),
                y.dim(1),
                y.dim(2),
                y.dim(3),
                seed,
                purpose);
    }

    @Override
    public void addNoise(Tensor xt, Tensor x0, Tensor noise, Tensor coefficients) {
        check("addNoise", coefficients, 2, xt, x0, noise);
        addNoise(
                handle.address(),
                xt.address(),
                x0.address(),
                noise.address(),
                coefficients.address(),
                xt.dim(0),
                perSample(xt));
    }

    @Override
    public void predictX0(Tensor x0, Tensor xt, Tensor eps, Tensor coefficients) {
        check("predictX0", coefficients, 2, x0, xt, eps);
        predictX0(
                handle.address(),
                x0.address(),
                xt.address(),
                eps.address(),
                coefficients.address(),
                xt.dim(0),
                perSample(xt));
    }

    @Override
    public void normGuidanceForward(
            Tensor x0Guided,
            Tensor x0Noisier,
            Tensor xtRenoised,
            Tensor xtSmall,
            Tensor xtBig,
            Tensor epsSmall,
            Tensor epsBig,
            Tensor coefficients,
            float w) {
        String operation = "normGuidanceForward";
        check(operation, coefficients, 6, xtSmall, x0Guided, xtBig, epsSmall, epsBig);
        optionalFloats(operation, "x0Noisier", x0Noisier, xtSmall.elements());
        optionalFloats(operation, "xtRenoised", xtRenoised, xtSmall.elements());
        guidanceForward(
                handle.address(),
                x0Guided.address(),
                address(x0Noisier),
                address(xtRenoised),
                xtSmall.address(),
                xtBig.address(),
                epsSmall.address(),
                epsBig.address(),
                coefficients.address(),
                xtSmall.dim(0),
                perSample(xtSmall),
                w);
    }

    @Override
    public void normGuidanceBackward(
            Tensor depsSmall,
            Tensor depsBig,
            Tensor dx0Guided,
            Tensor xtSmall,
            Tensor xtBig,
            Tensor epsSmall,
            Tensor epsBig,
            Tensor coefficients,
            float w) {
        check("normGuidanceBackward", coefficients, 6, xtSmall, depsSmall, depsBig, dx0Guided, xtBig, epsSmall, epsBig);
        guidanceBackward(
                handle.address(),
                depsSmall.address(),
                depsBig.address(),
                dx0Guided.address(),
                xtSmall.address(),
                xtBig.address(),
                epsSmall.address(),
                epsBig.address(),
                coefficients.address(),
                xtSmall.dim(0),
                perSample(xtSmall),
                w);
    }

    @Override
    public void samplerStep(Tensor xPrevious, Tensor x0, Tensor xt, Tensor eps, Tensor noise, Tensor coefficients) {
        check("samplerStep", coefficients, 5, xt, xPrevious, x0, eps);
        optionalFloats("samplerStep", "noise", noise, xt.elements());
        samplerStep(
                handle.address(),
                xPrevious.address(),
                x0.address(),
                xt.address(),
                eps.address(),
                address(noise),
                coefficients.address(),
                xt.dim(0),
                perSample(xt));
    }

    private static long perSample(Tensor x) {
        return x.elements() / x.dim(0);
    }

    /** Float32 tensors of one size, and a row of coefficients a sample. */
    private static void check(String operation, Tensor coefficients, int columns, Tensor first, Tensor... others) {
        require(operation, first != null && first.rank() > 0, "a tensor is missing");
        floats(operation, "the first tensor", first, first.elements());
        for (Tensor other : others) {
            floats(operation, "a tensor", other, first.elements());
        }
        exactly(operation, "coefficients", coefficients, DType.FLOAT32, first.dim(0), columns);
    }

    private static native void gaussianNoise(
            long context, long y, long samples, int n, int h, int w, int c, long seed, int purpose);

    private static native void addNoise(
            long context, long xt, long x0, long noise, long coefficients, long n, long elements);

    private static native void predictX0(
            long context, long x0, long xt, long eps, long coefficients, long n, long elements);

    private static native void guidanceForward(
            long context,
            long x0Guided,
            long x0Noisier,
            long xtRenoised,
            long xtSmall,
            long xtBig,
            long epsSmall,
            long epsBig,
            long coefficients,
            long n,
            long elements,
            float w);

    private static native void guidanceBackward(
            long context,
            long depsSmall,
            long depsBig,
            long dx0Guided,
            long xtSmall,
            long xtBig,
            long epsSmall,
            long epsBig,
            long coefficients,
            long n,
            long elements,
            float w);

    private static native void samplerStep(
            long context,
            long previous,
            long x0,
            long xt,
            long eps,
            long noise,
            long coefficients,
            long n,
            long elements);
}
