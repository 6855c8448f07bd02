/**
 * The diffusion formulas of SPEC §7: schedules, one-step denoising with norm guidance, iterative samplers, and the
 * variational bound.
 */
package io.diffusionad.diffusion;
