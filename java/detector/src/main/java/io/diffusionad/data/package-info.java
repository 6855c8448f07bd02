/**
 * Data sets on disk, training samples with synthetic anomalies, and the loader that prepares them ahead of the trainer.
 */
package io.diffusionad.data;
