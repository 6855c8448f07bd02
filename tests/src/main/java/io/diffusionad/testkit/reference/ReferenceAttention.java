package io.diffusionad.testkit.reference;

import io.diffusionad.ops.AttentionOps;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

/** Attention with the score matrix written out, a sample and head at a time. */
interface ReferenceAttention extends AttentionOps {
    Workspace work();

    @Override
    default void attentionForward(Tensor y, Tensor logSumExp, Tensor qkv, int heads) {
        int channels = y.dim(2);
        int tokens = y.dim(1);
        double[] in = work().read(qkv);
        double[] ys = new double[Math.toIntExact(y.elements())];
        double[] denominators = new double[Math.toIntExact(logSumExp.elements())];
        Workspace.parallel(y.dim(0) * heads, nh -> {
            Head head = Head.of(in, nh, heads, tokens, channels, qkv.dtype());
            double[][] p = head.probabilities(work(), denominators);
            for (int i = 0; i < tokens; i++) {
                for (int j = 0; j < tokens; j++) {
                    work().addScaled(ys, head.output(i), p[i][j], in, head.value(j), head.size);
                }
            }
        });
        work().write(y, ys);
        work().write(logSumExp, denominators);
    }

    /**
     * The probabilities are {@code exp(score - logSumExp)}, as a backward pass without the score matrix has them; y is
     * not needed here.
     */
    @Override
    default void attentionBackward(Tensor dqkv, Tensor dy, Tensor y, Tensor qkv, Tensor logSumExp, int heads) {
        int channels = y.dim(2);
        int tokens = y.dim(1);
        double[] in = work().read(qkv);
        double[] dys = work().read(dy);
        double[] denominators = work().read(logSumExp);
        double[] out = new double[in.length];
        Workspace.parallel(y.dim(0) * heads, nh -> {
            Head head = Head.of(in, nh, heads, tokens, channels, qkv.dtype());
            double[][] p = head.probabilitiesFrom(work(), denominators);
            double scale = work().round(1 / Math.sqrt(head.size));
            for (int i = 0; i < tokens; i++) {
                double[] dp = new double[tokens];
                double weighted = 0;
                for (int j = 0; j < tokens; j++) {
                    for (int d = 0; d < head.size; d++) {
                        dp[j] = work().round(dp[j] + work().round(dys[head.output(i) + d] * in[head.value(j) + d]));
                    }
                    dp[j] = work().store(dp[j], qkv.dtype());
                    weighted = work().round(weighted + work().round(p[i][j] * dp[j]));
                    work().addScaled(out, head.value(j), p[i][j], dys, head.output(i), head.size);
                }
                for (int j = 0; j < tokens; j++) {
                    double ds =
                            work().store(work().round(p[i][j] * work().round(dp[j] - weighted)) * scale, qkv.dtype());
                    work().addScaled(out, head.query(i), ds, in, head.key(j), head.size);
                    work().addScaled(out, head.key(j), ds, in, head.query(i), head.size);
                }
            }
        });
        work().write(dqkv, out);
    }

    /** Where one sample's head lies in (N, T, 3C) laid out (head, [q, k, v], d), and in (N, T, C). */
    record Head(double[] qkv, int index, int tokens, int size, int channels, int firstToken, int slot, DType type) {
        static Head of(double[] qkv, int index, int heads, int tokens, int channels, DType type) {
            return new Head(
                    qkv, index, tokens, channels / heads, channels, index / heads * tokens, index % heads, type);
        }

        int query(int token) {
            return (firstToken + token) * 3 * channels + slot * 3 * size;
        }

        int key(int token) {
            return query(token) + size;
        }

        int value(int token) {
            return query(token) + 2 * size;
        }

        int output(int token) {
            return (firstToken + token) * channels + slot * size;
        }

        /** Softmax of the scaled scores, row by row; also the log of each row's denominator. */
        double[][] probabilities(Workspace work, double[] logSumExp) {
            double[][] p = new double[tokens][tokens];
            for (int i = 0; i < tokens; i++) {
                double largest = Double.NEGATIVE_INFINITY;
                for (int j = 0; j < tokens; j++) {
                    p[i][j] = work.store(score(work, i, j), type);
                    largest = Math.max(largest, p[i][j]);
                }
                double sum = 0;
                for (int j = 0; j < tokens; j++) {
                    p[i][j] = work.round(Math.exp(work.round(p[i][j] - largest)));
                    sum = work.round(sum + p[i][j]);
                }
                for (int j = 0; j < tokens; j++) {
                    p[i][j] = work.store(p[i][j] / sum, type);
                }
                logSumExp[index * tokens + i] = work.round(largest + work.round(Math.log(sum)));
            }
            return p;
        }

        double[][] probabilitiesFrom(Workspace work, double[] logSumExp) {
            double[][] p = new double[tokens][tokens];
            for (int i = 0; i < tokens; i++) {
                for (int j = 0; j < tokens; j++) {
                    p[i][j] = work.store(Math.exp(work.round(score(work, i, j) - logSumExp[index * tokens + i])), type);
                }
            }
            return p;
        }

        /** {@code q_i·k_j / √d} */
        private double score(Workspace work, int i, int j) {
            double product = 0;
            for (int d = 0; d < size; d++) {
                product = work.round(product + work.round(qkv[query(i) + d] * qkv[key(j) + d]));
            }
            return work.round(product * work.round(1 / Math.sqrt(size)));
        }
    }
}
