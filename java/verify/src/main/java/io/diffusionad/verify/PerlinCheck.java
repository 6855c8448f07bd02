package io.diffusionad.verify;

import io.diffusionad.data.synthesis.PerlinNoise;
import io.diffusionad.io.HostTensor;

import java.io.IOException;

/** Perlin noise from recorded lattice angles: {@code <rows>x<columns>.angle_uniform} and {@code .noise}. */
final class PerlinCheck implements Check {
    private static final String ANGLES = ".angle_uniform";
    /**
     * float32 operations behind one value: products and sums of four corners, the fade polynomial, three
     * interpolations.
     */
    private static final int OPERATIONS = 64;

    @Override
    public boolean accepts(GoldenFile file) {
        return file.names().stream().anyMatch(name -> name.endsWith(ANGLES));
    }

    @Override
    public void run(GoldenFile file, Replay replay) throws IOException {
        for (String name : file.names()) {
            if (!name.endsWith(ANGLES)) {
                continue;
            }
            String lattice = name.substring(0, name.length() - ANGLES.length());
            HostTensor angles = file.tensor(name);
            HostTensor noise = file.tensor(lattice + ".noise");
            if (angles.shape().length != 2 || noise.shape().length != 2) {
                throw file.invalid("the angles and noise of " + lattice + " are not two-dimensional");
            }
            double[] computed = PerlinNoise.of(
                    noise.shape()[1],
                    noise.shape()[0],
                    angles.shape()[0] - 1,
                    angles.shape()[1] - 1,
                    angles.toDoubles());
            float[] actual = new float[computed.length];
            for (int i = 0; i < actual.length; i++) {
                actual[i] = (float) computed[i];
            }
            replay.add(
                    file,
                    "noise " + lattice,
                    Errors.relativeL2(actual, noise.toFloats()),
                    RoundingModel.float32Sum(OPERATIONS).forward());
        }
    }
}
