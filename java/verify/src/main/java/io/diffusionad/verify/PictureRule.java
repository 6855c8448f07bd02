package io.diffusionad.verify;

import io.diffusionad.image.RgbImage;
import io.diffusionad.io.ElementType;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.InvalidFileException;

/** 8-bit pictures: at least 99.9 % of values within one level of 255. */
final class PictureRule {
    private static final int LEVELS = 1;
    private static final double SHARE = 1e-3;

    private PictureRule() {}

    static void add(Replay replay, GoldenFile file, String quantity, byte[] actual, byte[] expected) {
        replay.add(
                file,
                quantity + ": share of values off by more than 1 of 255",
                Errors.shareBeyond(actual, expected, LEVELS),
                SHARE);
    }

    /** A picture (H, W, 3), or (H, W) for one channel. */
    static HostTensor picture(GoldenFile file, String name, int channels) throws InvalidFileException {
        HostTensor tensor = file.tensor(name);
        int[] shape = tensor.shape();
        if (tensor.type() != ElementType.U8
                || shape.length != (channels == 1 ? 2 : 3)
                || tensor.elements() == 0
                || channels == 3 && shape[2] != 3) {
            throw file.invalid("the tensor '" + name + "' is " + tensor + " instead of an 8-bit picture of " + channels
                    + " channels");
        }
        return tensor;
    }

    static RgbImage rgb(GoldenFile file, String name) throws InvalidFileException {
        HostTensor tensor = picture(file, name, 3);
        return new RgbImage(tensor.shape()[1], tensor.shape()[0], tensor.toBytes());
    }
}
