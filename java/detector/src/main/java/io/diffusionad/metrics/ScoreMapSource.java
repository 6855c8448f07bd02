package io.diffusionad.metrics;

import java.util.List;

/**
 * Score maps and their masks that can be read as often as needed, any number of images at a time by different threads.
 */
interface ScoreMapSource {
    /** Hears an image's scores piece by piece, in order. */
    @FunctionalInterface
    interface Piece {
        /** @param scores the first {@code length} are the pixels from {@code offset} on; valid during the call only */
        void accept(float[] scores, int length, int offset);
    }

    int images();

    int width(int image);

    int height(int image);

    void forEachPiece(int image, Piece piece);

    /** {@code height·width} true where the truth is anomalous; null where all is normal or nothing is known. */
    boolean[] mask(int image);

    default int pixels(int image) {
        return width(image) * height(image);
    }

    /** Images in memory. */
    static ScoreMapSource of(List<ScoredImage> images) {
        return new ScoreMapSource() {
            @Override
            public int images() {
                return images.size();
            }

            @Override
            public int width(int image) {
                return images.get(image).width();
            }

            @Override
            public int height(int image) {
                return images.get(image).height();
            }

            @Override
            public void forEachPiece(int image, Piece piece) {
                float[] scores = images.get(image).scoreMap();
                piece.accept(scores, scores.length, 0);
            }

            @Override
            public boolean[] mask(int image) {
                return images.get(image).mask();
            }
        };
    }
}
