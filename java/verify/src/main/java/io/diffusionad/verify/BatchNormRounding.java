package io.diffusionad.verify;

import io.diffusionad.nn.ParameterStore;
import io.diffusionad.tensor.DType;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * {@link RoundingModel} for the segmentation network in training mode, where two things magnify rounding.
 *
 * <p><b>Batch statistics.</b> ReLU leaves half of a perturbation's energy but only {@code 1/2 - 1/(2π)} of a normalised
 * signal's variance, and the next batch normalisation divides by the latter: a convolution, BatchNorm and ReLU multiply
 * the relative energy of a perturbation by {@code π/(π-1)} (Yang et al., <i>A Mean Field Theory of Batch
 * Normalization</i>, ICLR 2019). The energy is followed through the U; a concatenation averages it by channels.
 *
 * <p><b>Kinks.</b> Where two forward passes differ by a relative f, a share f/π of the ReLUs lie on different sides of
 * zero in the two, and their gradients differ wholly: relative energy 2f/π a layer. That is a mean; few flips in a
 * small layer scatter, and three times its root is allowed. In bfloat16 the allowance exceeds 1: gradients through that
 * many ReLUs cannot be compared across precisions, only their order of magnitude.
 */
final class BatchNormRounding {
    private static final double GAIN = Math.PI / (Math.PI - 1);
    private static final double SCATTER = 3;

    private final double forward;
    private final double backward;

    BatchNormRounding(DType precision, ParameterStore parameters) {
        Walk own = new Walk(precision, parameters);
        Walk recorded = new Walk(DType.FLOAT32, parameters);
        forward = difference(own.last(), recorded.last()) + RoundingModel.few(precision);
        double flips = 0;
        for (int unit = 0; unit < own.energies.size() - 1; unit++) {
            flips += 2 * difference(own.energies.get(unit), recorded.energies.get(unit)) / Math.PI;
        }
        backward = Math.sqrt(2) * (3 * Math.sqrt(own.last()) + Math.sqrt(recorded.last()))
                + SCATTER * Math.sqrt(flips)
                + RoundingModel.few(precision);
    }

    /** Bound for results of the forward pass. */
    double forward() {
        return forward;
    }

    /** Bound for gradients. */
    double backward() {
        return backward;
    }

    private static double difference(double ownEnergy, double recordedEnergy) {
        return 2 * Math.sqrt(ownEnergy) + Math.sqrt(recordedEnergy);
    }

    /** A naive implementation's relative error energy after every unit and, last, after the final convolution. */
    private static final class Walk {
        private final DType precision;
        private final ParameterStore parameters;
        private final List<Double> energies = new ArrayList<>();

        Walk(DType precision, ParameterStore parameters) {
            this.precision = precision;
            this.parameters = parameters;
            Deque<double[]> skips = new ArrayDeque<>();
            double energy = 0;
            for (String name : parameters.names()) {
                int[] shape = parameters.referenceShape(name);
                if (shape.length != 4) {
                    continue;
                }
                if (name.startsWith("decoder_segment.db") && name.endsWith(".0.weight")) {
                    double[] skip = skips.pop();
                    energy = (energy * (shape[1] - skip[1]) + skip[0] * skip[1]) / shape[1];
                }
                boolean last = name.startsWith("decoder_segment.fin_out");
                double rounded =
                        energy + RoundingModel.of(precision, parameters, name).naiveEnergy();
                energy = last ? rounded : GAIN * rounded;
                energies.add(energy);
                if (name.startsWith("encoder_segment.block") && name.endsWith(".3.weight")) {
                    skips.push(new double[] {energy, shape[0]});
                    if (name.startsWith("encoder_segment.block6")) {
                        skips.pop(); // the deepest block is no skip connection
                    }
                }
            }
        }

        double last() {
            return energies.get(energies.size() - 1);
        }
    }
}
