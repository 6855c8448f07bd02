/**
 * Files: safetensors, our checkpoints, the reference's PyTorch checkpoints and its JSON configuration. Readers trust no
 * size, offset or name that a file claims; whatever is wrong with a file arrives as an
 * {@link io.diffusionad.io.InvalidFileException}. Writers replace a file whole or not at all.
 */
package io.diffusionad.io;
