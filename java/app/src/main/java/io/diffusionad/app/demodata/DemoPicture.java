package io.diffusionad.app.demodata;

import io.diffusionad.image.RgbImage;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;

/**
 * One finished picture.
 *
 * @param image 256x256
 * @param mask (256, 256) true where the picture visibly differs from the same scene without the defect; all false when
 *     whole
 */
record DemoPicture(RgbImage image, boolean[] mask) {
    /** Levels of 255 by which a channel must differ, before grain, for the eye to see a defect there. */
    private static final double VISIBLE = 10;

    /**
     * Pictures specimen {@code number} of a product.
     *
     * @param defect one of the product's, or null
     * @param seed of the whole data set
     * @param number different for every picture of the data set
     */
    static DemoPicture take(Product product, String defect, long seed, long number) {
        float[] whole = expose(product, null, seed, number);
        Camera camera = camera(seed, number);
        if (defect == null) {
            return new DemoPicture(camera.develop(whole), new boolean[Canvas.SIZE * Canvas.SIZE]);
        }
        float[] spoiled = expose(product, defect, seed, number);
        return new DemoPicture(camera.develop(spoiled), difference(whole, spoiled));
    }

    private static float[] expose(Product product, String defect, long seed, long number) {
        Canvas canvas = new Canvas();
        product.paint(canvas, stream(seed, number, 0), defect, stream(seed, number, 1));
        return camera(seed, number).expose(canvas);
    }

    private static Camera camera(long seed, long number) {
        return new Camera(stream(seed, number, 2));
    }

    /** Scene, damage and camera draw from streams of their own: none disturbs another. */
    private static PhiloxRandom stream(long seed, long number, int which) {
        return new PhiloxRandom(seed, Purpose.DEMO_DATA, 4 * number + which);
    }

    private static boolean[] difference(float[] whole, float[] spoiled) {
        boolean[] mask = new boolean[whole.length / 3];
        for (int i = 0; i < whole.length; i++) {
            mask[i / 3] |= Math.abs(Math.min(255f, whole[i]) - Math.min(255f, spoiled[i])) > VISIBLE;
        }
        return mask;
    }
}
