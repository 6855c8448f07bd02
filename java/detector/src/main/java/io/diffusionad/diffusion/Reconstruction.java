package io.diffusionad.diffusion;

import io.diffusionad.tensor.Tensor;

/**
 * What norm-guided one-step denoising produces; every tensor is (N, H, W, 3) float32 in the main arena of the pass that
 * made it, clean images in [-1, 1].
 *
 * @param x0Guided the reconstruction that the segmentation network looks at
 * @param x0Small the small scale's reconstruction without guidance: detailed, defects may remain
 * @param x0Big the big scale's reconstruction: defects erased, detail lost
 * @param xtSmall the image noised at the small scale
 * @param xtBig the image noised at the big scale
 * @param xtRenoised x0Big noised again with the small scale's predicted noise
 * @param noiseSmall the noise drawn for the small scale
 * @param noiseBig the noise drawn for the big scale
 * @param epsSmall the noise predicted at the small scale
 * @param epsBig the noise predicted at the big scale
 */
public record Reconstruction(
        Tensor x0Guided,
        Tensor x0Small,
        Tensor x0Big,
        Tensor xtSmall,
        Tensor xtBig,
        Tensor xtRenoised,
        Tensor noiseSmall,
        Tensor noiseBig,
        Tensor epsSmall,
        Tensor epsBig) {}
