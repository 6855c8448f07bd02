package io.diffusionad.app.demodata;

import java.util.List;
import java.util.random.RandomGenerator;

/** A kind of product that can be pictured, whole or with one of its defects. Implementations hold no state. */
interface Product {
    /** Name of the category's folder. */
    String name();

    /** Names of the defects, folder names of the test set. */
    List<String> defects();

    /**
     * Paints one specimen.
     *
     * @param scene decides pose, colour and wear; the same numbers are drawn whatever the defect
     * @param defect one of {@link #defects} or null for a whole specimen
     * @param damage decides where the defect lies and how it looks; unused when whole
     */
    void paint(Canvas canvas, RandomGenerator scene, String defect, RandomGenerator damage);
}
