/**
 * Training (SPEC §8): losses and gradients of one step in bounded memory, Adam with its learning rates, and the loop
 * around them.
 */
package io.diffusionad.train;
