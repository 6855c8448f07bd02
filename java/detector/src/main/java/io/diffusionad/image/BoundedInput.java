package io.diffusionad.image;

import javax.imageio.stream.MemoryCacheImageInputStream;

import java.io.ByteArrayInputStream;
import java.io.IOException;

/**
 * A file in memory for a decoder, which ends the decoding when the decoder goes on past the file's end: some take what
 * is missing for zeros, and would fill the hundred million pixels that a damaged header asks for.
 */
final class BoundedInput extends MemoryCacheImageInputStream {
    private static final int PATIENCE = 64;

    private int missing;

    BoundedInput(byte[] encoded) {
        super(new ByteArrayInputStream(encoded));
    }

    /** @throws IllegalStateException after the end was met many times: decoders swallow an {@link IOException} */
    @Override
    public int read() throws IOException {
        int value = super.read();
        if (value < 0 && ++missing > PATIENCE) {
            throw new IllegalStateException("data end before the picture does");
        }
        return value;
    }
}
