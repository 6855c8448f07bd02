package io.diffusionad.data.mask;

import io.diffusionad.image.StoredPicture;

/** Where in a mask's samples the marking is. Each coding turns a row into one whole number a pixel. */
enum Coding {
    /** Grey levels, also those of colors and palettes that are all grey. */
    GREY,
    /** Colors, 0xRRGGBB; {@link #TRANSPARENT} where alpha is 0. */
    COLOR,
    /** Indices of a palette whose colors do not tell them apart. */
    INDEX,
    /** Opacity, where the color is the same everywhere. */
    ALPHA;

    /** The code of a transparent pixel: always background. */
    static final int TRANSPARENT = -1;

    /** @param out (W) codes */
    void read(StoredPicture picture, int y, int[] out, int[] scratch) {
        switch (this) {
            case INDEX -> picture.indices(y, out);
            case ALPHA -> picture.alpha(y, out);
            default -> {
                picture.colors(y, out);
                if (this == GREY && !picture.isGrey()) {
                    for (int x = 0; x < picture.width(); x++) {
                        out[x] &= 0xFF;
                    }
                }
                if (picture.hasAlpha()) {
                    picture.alpha(y, scratch);
                    for (int x = 0; x < picture.width(); x++) {
                        out[x] = scratch[x] == 0 ? TRANSPARENT : out[x];
                    }
                }
            }
        }
    }

    /** How far a pixel is from the background: 0 for the background itself. */
    int level(int code, int background) {
        if (code == TRANSPARENT || code == background) {
            return 0;
        }
        if (this != COLOR) {
            return Math.abs(code - background);
        }
        return Math.max(
                difference(code, background, 16),
                Math.max(difference(code, background, 8), difference(code, background, 0)));
    }

    private static int difference(int a, int b, int shift) {
        return Math.abs((a >> shift & 0xFF) - (b >> shift & 0xFF));
    }
}
