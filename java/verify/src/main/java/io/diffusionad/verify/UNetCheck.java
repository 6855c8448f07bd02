package io.diffusionad.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.diffusionad.nn.Pass;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.UNetConfig;
import io.diffusionad.nn.Workspace;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.Tensor;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** The reconstruction network: output, the output of every block, and the gradients by input and parameters. */
final class UNetCheck implements Check {
    @Override
    public boolean accepts(GoldenFile file) {
        return file.has("x", "t", "y") && file.hasMetadata("config");
    }

    @Override
    public void run(GoldenFile file, Replay replay) throws IOException {
        JsonNode config = file.json("config");
        UNetConfig shape = NetworkConfigs.unet(file, config);
        boolean backward = file.has("dy");
        try (Arena arena = replay.device().newArena("verify " + file.name());
                Workspace workspace = new Workspace(replay.device(), "verify passes")) {
            UNet network = new UNet(shape, replay.device(), arena, backward);
            GoldenWeights.fill(network.parameters(), NetworkConfigs.salt(config));
            Tensor x = replay.upload(arena, file.image("x"));
            Tensor t = replay.upload(arena, file.longs("t"));
            Map<String, GoldenFile.Probe> blocks = new HashMap<>();
            Pass pass = (backward
                            ? Pass.training(replay.device().ops(), workspace, replay.precision())
                            : Pass.inference(replay.device().ops(), workspace, replay.precision()))
                    .withProbe((block, output) ->
                            blocks.put(block, GoldenFile.Probe.of(replay.download(output), GoldenWeights.BLOCK_PROBE)));
            Tensor y = network.forward(pass, x, t);
            compareBlocks(file, replay, network, blocks);
            RoundingModel rounding = RoundingModel.of(replay.precision(), network.parameters());
            replay.addTensor(file, "output", y, file.image("y"), rounding.forward());
            if (backward) {
                network.parameters().zeroGradients();
                Tensor dx = arena.float32(x.dims());
                network.backward(pass, dx, replay.upload(arena, file.image("dy")));
                if (file.has("dx")) {
                    replay.addTensor(file, "input gradient", dx, file.image("dx"), rounding.backward());
                }
                if (file.has("grad_l2", "grad_dot")) {
                    replay.addGradients(
                            file,
                            "",
                            network.parameters(),
                            file.probes(
                                    "grad_l2", "grad_dot", network.parameters().trainableNames()),
                            rounding.backward());
                }
            }
        }
    }

    private static void compareBlocks(
            GoldenFile file, Replay replay, UNet network, Map<String, GoldenFile.Probe> blocks) throws IOException {
        if (!file.hasMetadata("taps_l2_dot_nchw")) {
            return;
        }
        for (Map.Entry<String, JsonNode> tap : file.json("taps_l2_dot_nchw").properties()) {
            String block = tap.getKey();
            GoldenFile.Probe actual = blocks.get(block);
            if (actual == null) {
                throw file.invalid("it probes the block '" + block + "', which the network does not have");
            }
            GoldenFile.Probe expected = new GoldenFile.Probe(
                    tap.getValue().path(0).asDouble(Double.NaN),
                    tap.getValue().path(1).asDouble(Double.NaN),
                    GoldenWeights.BLOCK_PROBE);
            double bound = RoundingModel.upTo(replay.precision(), network.parameters(), block + ".")
                    .forward();
            replay.addProbe(file, "block " + block, actual, expected, expected.l2(), bound);
        }
    }
}
