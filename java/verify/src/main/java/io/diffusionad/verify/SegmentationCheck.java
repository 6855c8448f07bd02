package io.diffusionad.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.diffusionad.nn.Pass;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.Workspace;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.Tensor;

import java.io.IOException;

/**
 * The segmentation network: evaluation mode; training mode with its gradients and the running statistics it leaves
 * behind.
 */
final class SegmentationCheck implements Check {
    private static final String AFTER = "after.";

    @Override
    public boolean accepts(GoldenFile file) {
        return file.has("x") && (file.has("y_eval") || file.has("y_train")) && file.hasMetadata("config");
    }

    @Override
    public void run(GoldenFile file, Replay replay) throws IOException {
        JsonNode config = file.json("config");
        SegmentationConfig shape = NetworkConfigs.segmentation(file, config);
        try (Arena arena = replay.device().newArena("verify " + file.name());
                Workspace workspace = new Workspace(replay.device(), "verify passes")) {
            SegmentationNetwork network = new SegmentationNetwork(shape, replay.device(), arena, file.has("dy"));
            GoldenWeights.fill(network.parameters(), NetworkConfigs.salt(config));
            RoundingModel rounding = RoundingModel.of(replay.precision(), network.parameters());
            Tensor x = replay.upload(arena, file.image("x"));
            if (file.has("y_eval")) {
                Pass pass = Pass.inference(replay.device().ops(), workspace, replay.precision());
                replay.addTensor(
                        file,
                        "output in evaluation mode",
                        network.forward(pass, x, false),
                        file.image("y_eval"),
                        rounding.forward());
                workspace.main().release(0);
            }
            if (file.has("y_train")) {
                training(file, replay, network, workspace, x, arena);
            }
        }
    }

    private static void training(
            GoldenFile file, Replay replay, SegmentationNetwork network, Workspace workspace, Tensor x, Arena arena)
            throws IOException {
        BatchNormRounding rounding = new BatchNormRounding(replay.precision(), network.parameters());
        boolean backward = file.has("dy");
        Pass pass = backward
                ? Pass.training(replay.device().ops(), workspace, replay.precision())
                : Pass.inference(replay.device().ops(), workspace, replay.precision());
        replay.addTensor(
                file,
                "output in training mode",
                network.forward(pass, x, true),
                file.image("y_train"),
                rounding.forward());
        for (String name : file.names()) {
            if (name.startsWith(AFTER)) {
                String statistic = name.substring(AFTER.length());
                double bound = RoundingModel.upTo(replay.precision(), network.parameters(), statistic)
                        .forward();
                double error = Errors.relativeL2(network.parameters().exportReference(statistic), file.floats(name));
                replay.add(file, "after training mode: " + statistic, error, bound);
            }
        }
        if (backward) {
            network.parameters().zeroGradients();
            Tensor dx = arena.float32(x.dims());
            network.backward(pass, dx, 0, replay.upload(arena, file.image("dy")));
            if (file.has("dx")) {
                replay.addTensor(file, "input gradient", dx, file.image("dx"), rounding.backward());
            }
            if (file.has("grad_l2", "grad_dot")) {
                replay.addGradients(
                        file,
                        "",
                        network.parameters(),
                        file.probes("grad_l2", "grad_dot", network.parameters().trainableNames()),
                        rounding.backward());
            }
        }
    }
}
