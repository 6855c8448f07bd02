/**
 * The two networks, built from layers with an explicit forward and backward pass over {@link io.diffusionad.ops.Ops}.
 * Layers hold parameters only: what a backward pass needs is saved in the {@link io.diffusionad.nn.Pass} of that call.
 * Methods write their destination first ({@code forward(pass, y, x)}, {@code backward(pass, dx, dy)}); {@code d} before
 * a name means the gradient of the loss by it; parameter gradients are added to, activation gradients overwritten.
 */
package io.diffusionad.nn;
