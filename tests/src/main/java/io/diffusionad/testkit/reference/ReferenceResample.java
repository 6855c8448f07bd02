package io.diffusionad.testkit.reference;

import io.diffusionad.ops.Resample;
import io.diffusionad.ops.ResampleOps;
import io.diffusionad.tensor.Tensor;

import java.util.Arrays;

/** Changes of resolution, each as a gather over input pixels and, backward, the same weights as a scatter. */
interface ReferenceResample extends ResampleOps {
    Workspace work();

    @Override
    default void resampleForward(Tensor y, Tensor x, Resample resample) {
        work().write(y, resampled(work(), work().read(x), x.dims(), resample));
    }

    @Override
    default void resampleBackward(Tensor dx, Tensor dy, Resample resample, boolean accumulate) {
        work().write(dx, resampledBackward(work(), work().read(dy), dx.dims(), resample), accumulate);
    }

    /** @param dims (N, H, W, C) of x */
    static double[] resampled(Workspace work, double[] x, int[] dims, Resample resample) {
        int h = resample.apply(dims[1]);
        int w = resample.apply(dims[2]);
        int c = dims[3];
        double[] y = new double[dims[0] * h * w * c];
        for (int i = 0; i < y.length; i++) {
            int column = i / c % w;
            int row = i / c / w % h;
            int sample = i / c / w / h;
            int channel = i % c;
            y[i] = switch (resample) {
                case NONE -> x[i];
                case UP -> x[((sample * dims[1] + row / 2) * dims[2] + column / 2) * c + channel];
                case DOWN -> {
                    int corner = ((sample * dims[1] + 2 * row) * dims[2] + 2 * column) * c + channel;
                    double sum = work.round(x[corner] + x[corner + c]);
                    sum = work.round(sum + x[corner + dims[2] * c]);
                    yield work.round(sum + x[corner + dims[2] * c + c]) / 4;
                }
            };
        }
        return y;
    }

    /** @param dims (N, H, W, C) of dx */
    static double[] resampledBackward(Workspace work, double[] dy, int[] dims, Resample resample) {
        return switch (resample) {
            case NONE -> dy.clone();
            case UP -> {
                double[] quarter =
                        resampled(work, dy, new int[] {dims[0], 2 * dims[1], 2 * dims[2], dims[3]}, Resample.DOWN);
                yield Arrays.stream(quarter).map(v -> 4 * v).toArray();
            }
            case DOWN -> {
                double[] repeated =
                        resampled(work, dy, new int[] {dims[0], dims[1] / 2, dims[2] / 2, dims[3]}, Resample.UP);
                yield Arrays.stream(repeated).map(v -> v / 4).toArray();
            }
        };
    }

    @Override
    default void maxPool2Forward(Tensor y, Tensor argmax, Tensor x) {
        double[] xs = work().read(x);
        double[] ys = new double[Math.toIntExact(y.elements())];
        double[] positions = new double[ys.length];
        for (int i = 0; i < ys.length; i++) {
            int best = 0;
            for (int position = 1; position < 4; position++) {
                if (xs[pooledFrom(y, x, i, position)] > xs[pooledFrom(y, x, i, best)]) {
                    best = position;
                }
            }
            ys[i] = xs[pooledFrom(y, x, i, best)];
            positions[i] = best;
        }
        work().write(y, ys);
        work().write(argmax, positions);
    }

    @Override
    default void maxPool2Backward(Tensor dx, Tensor dy, Tensor argmax, boolean accumulate) {
        double[] dys = work().read(dy);
        double[] positions = work().read(argmax);
        double[] dxs = new double[Math.toIntExact(dx.elements())];
        for (int i = 0; i < dys.length; i++) {
            dxs[pooledFrom(dy, dx, i, (int) positions[i])] = dys[i];
        }
        work().write(dx, dxs, accumulate);
    }

    /** The flat index in the big tensor of position 0…3 under flat index {@code i} of the pooled one. */
    private static int pooledFrom(Tensor pooled, Tensor big, int i, int position) {
        int c = big.dim(3);
        int column = i / c % pooled.dim(2) * 2 + position % 2;
        int row = i / c / pooled.dim(2) % pooled.dim(1) * 2 + position / 2;
        int sample = i / c / pooled.dim(2) / pooled.dim(1);
        return ((sample * big.dim(1) + row) * big.dim(2) + column) * c + i % c;
    }

    @Override
    default void bilinearUp2Forward(Tensor y, Tensor x) {
        double[] xs = work().read(x);
        double[] ys = new double[Math.toIntExact(y.elements())];
        Workspace.parallel(ys.length, i -> {
            Corners corners = Corners.of(work(), x, i);
            double sum = 0;
            for (int k = 0; k < 4; k++) {
                sum = work().round(sum + work().round(corners.weights[k] * xs[corners.indices[k]]));
            }
            ys[i] = sum;
        });
        work().write(y, ys);
    }

    @Override
    default void bilinearUp2Backward(Tensor dx, Tensor dy) {
        double[] dys = work().read(dy);
        double[] dxs = new double[Math.toIntExact(dx.elements())];
        for (int i = 0; i < dys.length; i++) {
            Corners corners = Corners.of(work(), dx, i);
            for (int k = 0; k < 4; k++) {
                dxs[corners.indices[k]] =
                        work().round(dxs[corners.indices[k]] + work().round(corners.weights[k] * dys[i]));
            }
        }
        work().write(dx, dxs);
    }

    /**
     * The four input elements, with weights, that make flat output element {@code i} of the 2x enlarged {@code small}.
     */
    record Corners(int[] indices, double[] weights) {
        static Corners of(Workspace work, Tensor small, int i) {
            int h = small.dim(1);
            int w = small.dim(2);
            int c = small.dim(3);
            int sample = i / c / (2 * w) / (2 * h);
            double y = work.round((i / c / (2 * w) % (2 * h)) * work.round((h - 1.0) / (2 * h - 1)));
            double x = work.round((i / c % (2 * w)) * work.round((w - 1.0) / (2 * w - 1)));
            int top = Math.min((int) y, h - 1);
            int left = Math.min((int) x, w - 1);
            int bottom = Math.min(top + 1, h - 1);
            int right = Math.min(left + 1, w - 1);
            double down = work.round(y - top);
            double across = work.round(x - left);
            int[] rows = {top, top, bottom, bottom};
            int[] columns = {left, right, left, right};
            int[] indices = new int[4];
            for (int k = 0; k < 4; k++) {
                indices[k] = ((sample * h + rows[k]) * w + columns[k]) * c + i % c;
            }
            return new Corners(
                    indices,
                    new double[] {(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across});
        }
    }

    @Override
    default void copyChannels(Tensor y, int yOffset, Tensor x, int xOffset, int count) {
        int yChannels = y.dim(y.rank() - 1);
        int xChannels = x.dim(x.rank() - 1);
        double[] xs = work().read(x);
        double[] ys = work().read(y);
        for (int pixel = 0; pixel < ys.length / yChannels; pixel++) {
            System.arraycopy(xs, pixel * xChannels + xOffset, ys, pixel * yChannels + yOffset, count);
        }
        work().write(y, ys);
    }
}
