package io.diffusionad.random;

/**
 * What a stream of random numbers is for: the second word of the Philox counter. Numbers are part of the
 * reproducibility promise and never change.
 */
public enum Purpose {
    INIT(1),
    NOISE_SMALL(2),
    NOISE_BIG(3),
    TIMESTEPS(4),
    SYNTHESIS(5),
    SAMPLE_ORDER(6),
    DROPOUT(7),
    SAMPLER(8),
    DEMO_DATA(9),
    TEXTURE(10),
    TEST(11),
    VALIDATION(12);

    private final int code;

    Purpose(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
