package io.diffusionad.verify;

import io.diffusionad.nn.ParameterStore;

import java.util.HashMap;
import java.util.Map;

/**
 * What a parameter gradient's error is relative to: its own norm, unless it vanishes by construction. A bias in front
 * of a normalisation that removes the mean has a gradient of exactly zero, and what is computed is rounding noise of
 * the size that the block's other gradients explain: a gradient whose root mean square is below {@value #VANISHING} of
 * its block's is compared with that instead.
 */
final class GradientScale {
    static final double VANISHING = 1e-3;

    private final Map<String, GoldenFile.Probe> probes;
    private final ParameterStore parameters;
    private final Map<String, Double> squares = new HashMap<>();
    private final Map<String, Double> elements = new HashMap<>();

    GradientScale(Map<String, GoldenFile.Probe> probes, ParameterStore parameters) {
        this.probes = probes;
        this.parameters = parameters;
        probes.forEach((name, probe) -> {
            squares.merge(block(name), probe.l2() * probe.l2(), Double::sum);
            elements.merge(block(name), (double) elements(name), Double::sum);
        });
    }

    double of(String name) {
        double own = probes.get(name).l2();
        return vanishes(name) ? blockScale(name) : own;
    }

    /** Whether the gradient is nothing but rounding noise. */
    boolean vanishes(String name) {
        return !(probes.get(name).l2() >= VANISHING * blockScale(name));
    }

    private double blockScale(String name) {
        return Math.sqrt(squares.get(block(name)) / elements.get(block(name)) * elements(name));
    }

    private int elements(String name) {
        return parameters.parameter(name).elements();
    }

    /**
     * {@code down.1.0.in_layers.2.weight} belongs to {@code down.1.0}, {@code encoder_segment.block1.0.bias} to
     * {@code encoder_segment.block1}.
     */
    private static String block(String name) {
        String[] parts = name.split("\\.");
        int depth = Math.min(parts.length - 1, parts[0].equals("down") || parts[0].equals("up") ? 3 : 2);
        return String.join(".", java.util.Arrays.copyOf(parts, depth));
    }
}
