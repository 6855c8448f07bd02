package io.diffusionad.ops;

/**
 * How a uint8 activation stands for numbers: q means {@code (q - zeroPoint)·scale}. A number x becomes
 * {@code clamp(round(x / scale) + zeroPoint, 0, 255)}, a half rounded to even.
 *
 * @param scale the step from one value to the next, finite and above 0
 * @param zeroPoint the q that means 0, 0 to 255: zero is exact, as padding needs
 */
public record Quantization(float scale, int zeroPoint) {
    private static final int LARGEST = 255;

    public Quantization {
        if (!(scale > 0 && scale <= Float.MAX_VALUE) || zeroPoint < 0 || zeroPoint > LARGEST) {
            throw new IllegalArgumentException("no quantisation has step " + scale + " and zero at " + zeroPoint);
        }
    }

    /**
     * The finest steps that reach from {@code least} to {@code greatest}, and to 0 where that lies outside. Both
     * finite.
     */
    public static Quantization covering(float least, float greatest) {
        float from = Math.min(least, 0);
        float to = Math.max(greatest, 0);
        float scale = Math.max((to - from) / LARGEST, Float.MIN_NORMAL);
        return new Quantization(scale, Math.round(-from / scale));
    }
}
