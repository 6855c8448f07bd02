package io.diffusionad.app.onnx;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.diffusionad.checkpoint.DetectorModel;
import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.metrics.ImageScore;
import io.diffusionad.settings.DiffusionSettings;
import io.diffusionad.settings.ModelSettings;

import java.util.List;

/**
 * The whole norm-guided one-step detector (SPEC §7 and §9): an image and two noises in; score map, image score and
 * reconstruction out. The noise is an input, so that whoever runs the graph decides about seeds.
 */
final class PipelineGraph {
    private final OnnxGraph graph;
    private final ModelSettings settings;
    private final DetectorModel model;

    PipelineGraph(OnnxGraph graph, ModelSettings settings, DetectorModel model) {
        this.graph = graph;
        this.settings = settings;
        this.model = model;
    }

    void build() {
        int size = settings.imageSize();
        int channels = settings.unet().inChannels();
        DiffusionSettings diffusion = settings.diffusion();
        NoiseSchedule schedule = NoiseSchedule.named(diffusion.schedule().name(), diffusion.timesteps());
        int small = diffusion.smallTimestep();
        int big = diffusion.bigTimestep();
        String image = graph.input("image", DataType.FLOAT, channels, size, size);
        String xSmall =
                noised(image, graph.input("noise_small", DataType.FLOAT, channels, size, size), schedule, small);
        String xBig = noised(image, graph.input("noise_big", DataType.FLOAT, channels, size, size), schedule, big);
        String batch = graph.node("Gather", List.of(graph.node("Shape", List.of(image)), graph.longs(0)));
        String t = graph.node(
                "Concat",
                List.of(
                        graph.node("Expand", List.of(graph.longs(small), batch)),
                        graph.node("Expand", List.of(graph.longs(big), batch))),
                OnnxGraph.integer("axis", 0));
        String xt = graph.node("Concat", List.of(xSmall, xBig), OnnxGraph.integer("axis", 0));
        List<String> eps = graph.node(
                "Split",
                List.of(new UNetGraph(graph, model.unet(), "unet.").build(xt, t)),
                2,
                OnnxGraph.integer("axis", 0));
        String x0 = guided(xSmall, xBig, eps.get(0), eps.get(1), schedule, small, big, diffusion.guidance());
        String pair = graph.node("Concat", List.of(image, x0), OnnxGraph.integer("axis", 1));
        String scores = new SegmentationGraph(graph, model.segmentation(), "segmentation.").build(pair, size);
        graph.output("score_map", scores, 1, size, size);
        graph.output("image_score", imageScore(scores, size));
        graph.output("reconstruction", x0, channels, size, size);
    }

    private String noised(String image, String noise, NoiseSchedule schedule, int t) {
        return sum(image, schedule.sqrtAlphaBar(t), noise, schedule.sqrtOneMinusAlphaBar(t));
    }

    private String guided(
            String xSmall,
            String xBig,
            String epsSmall,
            String epsBig,
            NoiseSchedule schedule,
            int small,
            int big,
            double w) {
        String x0Big = predicted(xBig, epsBig, schedule, big);
        String renoised = sum(x0Big, schedule.sqrtAlphaBar(small), epsSmall, schedule.sqrtOneMinusAlphaBar(small));
        String difference = graph.node("Sub", List.of(renoised, xSmall));
        String guidedEps = sum(epsSmall, 1, difference, -schedule.sqrtOneMinusAlphaBar(small) * w);
        return predicted(xSmall, guidedEps, schedule, small);
    }

    private String predicted(String xt, String eps, NoiseSchedule schedule, int t) {
        String x0 = sum(xt, schedule.sqrtRecipAlphaBar(t), eps, -schedule.sqrtRecipMinusOneAlphaBar(t));
        return graph.node("Clip", List.of(x0, graph.scalar(-1), graph.scalar(1)));
    }

    /** {@code a·fa + b·fb} */
    private String sum(String a, double fa, String b, double fb) {
        return graph.node(
                "Add",
                List.of(
                        graph.node("Mul", List.of(a, graph.scalar(fa))),
                        graph.node("Mul", List.of(b, graph.scalar(fb)))));
    }

    /** (N): the mean of the largest pixels. */
    private String imageScore(String scores, int size) {
        long count = Math.min(ImageScore.LARGEST, (long) size * size);
        String flat = graph.node("Reshape", List.of(scores, graph.longs(0, -1)));
        String largest = graph.node("TopK", List.of(flat, graph.longs(count)), 2, OnnxGraph.integer("axis", 1))
                .get(0);
        return graph.node(
                "ReduceMean", List.of(largest), OnnxGraph.attribute("axes", 1), OnnxGraph.integer("keepdims", 0));
    }
}
