/**
 * Trained models as files: weights under the reference's names, what they are for, and what a training run needs to go
 * on.
 */
package io.diffusionad.checkpoint;
