package io.diffusionad.testkit.libtorch;

import java.util.function.Supplier;

/**
 * What both networks are made of, so that each is written once: {@link EagerLayers} computes tensors,
 * {@link ScriptLayers} writes down what a module is to compute. Parameters go by the prefix of their names, images are
 * (N, C, H, W).
 *
 * @param <T> what a layer reads and returns: a tensor, or the name of one
 */
public interface Layers<T> {
    /** Groups of every group normalisation. */
    int GROUPS = 32;
    /** Of both normalisations. */
    double EPS = 1e-5;

    TorchParameters parameters();

    /** A part of a network. What it makes on the way is freed at its end, unless autograd needs it. */
    T part(Supplier<T> computation);

    /** 3x3 or 1x1, padded to keep the size. */
    T convolution(String prefix, T x, long stride);

    /** @param x (N, C, tokens) */
    T pointwise(String prefix, T x);

    /** @param x (N, C) */
    T linear(String prefix, T x);

    T groupNorm(String prefix, T x);

    /**
     * In training mode the running statistics move in place. Without running statistics the norm is taken to be folded
     * into the convolution.
     */
    T batchNorm(String prefix, T x, boolean training);

    T silu(T x);

    T relu(T x);

    T sigmoid(T x);

    /** Over the last axis; bfloat16 in float32 between. */
    T softmax(T x);

    T sum(T a, T b);

    /** One value added to a whole channel. @param shift (N, C) */
    T shifted(T x, T shift);

    T scaled(T x, double factor);

    /** Channels of both. */
    T concatenated(T a, T b);

    /** Means of 2x2. */
    T halved(T x);

    /** Largest of 2x2. */
    T pooled(T x);

    /** Each pixel as 2x2. */
    T doubled(T x);

    /** Twice the size, bilinear, corners on corners. */
    T enlarged(T x);

    /** (N, C, H, W) as (N, C, H·W). */
    T tokens(T x);

    /** (N, heads·D, tokens) as (N·heads, D, tokens). */
    T byHead(T x, long heads);

    /** Some channels of (N, C, tokens). */
    T narrowed(T x, long from, long channels);

    /** (N, A, B) as (N, B, A). */
    T transposed(T x);

    /** Matrices multiplied, (N, A, B) by (N, B, C). */
    T product(T a, T b);

    T shapedLike(T x, T like);

    /**
     * Sines, then cosines of t·frequency: (N, 2F).
     *
     * @param t (N), float or double
     * @param like a parameter whose type the result takes
     */
    T waves(T t, double[] frequencies, String like);
}
