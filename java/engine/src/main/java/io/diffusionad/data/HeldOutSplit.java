package io.diffusionad.data;

import io.diffusionad.random.Draw;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Good images divided into those to train on and those kept back for choosing a checkpoint and calibrating the threshold.
 *
 * @param train in the order given; @param heldOut in the order given
 */
public record HeldOutSplit(List<Path> train, List<Path> heldOut) {
    /**
     * A random part is held out, the same for the same seed and list.
     *
     * @param fraction in [0, 1); rounded to whole images, and at least one image stays for training
     */
    public static HeldOutSplit of(List<Path> files, double fraction, long seed) {
        if (!(fraction >= 0 && fraction < 1)) {
            throw new IllegalArgumentException("the held-out part must lie in [0, 1), not " + fraction);
        }
        int[] order = new int[files.size()];
        Arrays.setAll(order, i -> i);
        Draw.shuffle(new PhiloxRandom(seed, Purpose.VALIDATION, -1), order);
        int held = Math.min((int) Math.round(fraction * files.size()), Math.max(0, files.size() - 1));
        boolean[] out = new boolean[files.size()];
        for (int i = 0; i < held; i++) {
            out[order[i]] = true;
        }
        List<Path> train = new ArrayList<>();
        List<Path> heldOut = new ArrayList<>();
        for (int i = 0; i < out.length; i++) {
            (out[i] ? heldOut : train).add(files.get(i));
        }
        return new HeldOutSplit(List.copyOf(train), List.copyOf(heldOut));
    }
}
