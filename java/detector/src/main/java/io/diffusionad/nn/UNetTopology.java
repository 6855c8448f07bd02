package io.diffusionad.nn;

import io.diffusionad.ops.Resample;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Lays out the blocks of a {@link UNet} in the reference's order and numbering, which is also that of its parameters.
 */
final class UNetTopology {
    private final ParameterDeclarations declarations;
    private final UNetConfig config;
    private final List<Stage> down = new ArrayList<>();
    private final Stage middle;
    private final List<Stage> up = new ArrayList<>();

    UNetTopology(ParameterDeclarations declarations, UNetConfig config) {
        this.declarations = declarations;
        this.config = config;
        Deque<Integer> skipChannels = new ArrayDeque<>();
        int deepest = declareDown(skipChannels);
        middle = new Stage(
                "middle",
                List.of(
                        block("middle.0", deepest, deepest, Resample.NONE),
                        attention("middle.1", deepest),
                        block("middle.2", deepest, deepest, Resample.NONE)));
        declareUp(deepest, skipChannels);
    }

    List<Stage> down() {
        return List.copyOf(down);
    }

    Stage middle() {
        return middle;
    }

    List<Stage> up() {
        return List.copyOf(up);
    }

    /** Pushes the width of every skip connection, the stem's first; returns the deepest level's width. */
    private int declareDown(Deque<Integer> skipChannels) {
        int channels = config.baseChannels();
        skipChannels.push(channels);
        for (int level = 0; level < config.levels(); level++) {
            for (int block = 0; block < config.resBlocks(); block++) {
                String name = nextDown();
                List<Layer> layers = new ArrayList<>();
                layers.add(block(name + ".0", channels, config.levelChannels(level), Resample.NONE));
                channels = config.levelChannels(level);
                if (config.attentionAt(1 << level)) {
                    layers.add(attention(name + ".1", channels));
                }
                down.add(new Stage(name, layers));
                skipChannels.push(channels);
            }
            if (level < config.levels() - 1) {
                String name = nextDown();
                down.add(new Stage(
                        name,
                        List.of(
                                config.bigganUpDown()
                                        ? block(name + ".0", channels, channels, Resample.DOWN)
                                        : Resampling.down(declarations, name + ".0", channels))));
                skipChannels.push(channels);
            }
        }
        return channels;
    }

    private void declareUp(int deepest, Deque<Integer> skipChannels) {
        int channels = deepest;
        for (int level = config.levels() - 1; level >= 0; level--) {
            for (int block = 0; block <= config.resBlocks(); block++) {
                String name = "up." + up.size();
                List<Layer> layers = new ArrayList<>();
                layers.add(
                        block(name + ".0", channels + skipChannels.pop(), config.levelChannels(level), Resample.NONE));
                channels = config.levelChannels(level);
                if (config.attentionAt(1 << level)) {
                    layers.add(attention(name + ".1", channels));
                }
                if (level > 0 && block == config.resBlocks()) {
                    String last = name + "." + layers.size();
                    layers.add(
                            config.bigganUpDown()
                                    ? block(last, channels, channels, Resample.UP)
                                    : Resampling.up(declarations, last, channels));
                }
                up.add(new Stage(name, layers));
            }
        }
    }

    /** The stem is down.0. */
    private String nextDown() {
        return "down." + (down.size() + 1);
    }

    private Layer block(String name, int inputs, int outputs, Resample resample) {
        return new ResidualBlock(declarations, name, inputs, outputs, config.timeChannels(), resample);
    }

    private Layer attention(String name, int channels) {
        return new Attention(declarations, name, channels, config.headsFor(channels));
    }
}
