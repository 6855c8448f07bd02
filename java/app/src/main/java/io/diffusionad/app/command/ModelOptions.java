package io.diffusionad.app.command;

import io.diffusionad.nn.UNetConfig;
import io.diffusionad.settings.DiffusionSettings;
import io.diffusionad.settings.ModelSettings;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.List;

/**
 * The options that shape the networks and the diffusion; what is not given stays as the preset or configuration has it.
 */
final class ModelOptions {
    @Option(
            names = "--image-size",
            paramLabel = "PIXELS",
            description =
                    "Side to which images are resized: 32, 64, 128, 256, 512, or any multiple of 32 with --multipliers.")
    private Integer imageSize;

    @Mixin
    private PreparationChoice preparation;

    @Option(
            names = "--base-channels",
            paramLabel = "N",
            description = "Width of the reconstruction network, a multiple of 32.")
    private Integer baseChannels;

    @Option(
            names = "--multipliers",
            paramLabel = "M",
            split = ",",
            description = "Width of each of its levels in units of the base, for example 1,2,2,4.")
    private List<Double> multipliers;

    @Option(
            names = "--attention",
            paramLabel = "PIXELS",
            split = ",",
            description = "Resolutions with attention (published: 32,16,8).")
    private List<Integer> attention;

    @Option(names = "--res-blocks", paramLabel = "N", description = "Residual blocks a level (published: 2).")
    private Integer resBlocks;

    @Option(names = "--heads", paramLabel = "N", description = "Attention heads (published: 4).")
    private Integer heads;

    @Option(names = "--head-channels", paramLabel = "N", description = "Channels of a head, instead of --heads.")
    private Integer headChannels;

    @Option(
            names = "--plain-updown",
            description = "Change resolution by plain convolutions instead of residual blocks.")
    private boolean plainUpDown;

    @Option(names = "--segmentation-channels", paramLabel = "N", description = "Width of the segmentation network.")
    private Integer segmentationChannels;

    @Option(names = "--timesteps", paramLabel = "T", description = "Length of the noise schedule (published: 1000).")
    private Integer timesteps;

    @Option(
            names = "--schedule",
            paramLabel = "NAME",
            description = "Noise schedule: linear or cosine (published: linear).")
    private DiffusionSettings.Schedule schedule;

    @Option(names = "--small-t", paramLabel = "T", description = "Small noise scale t_s of detection (published: 200).")
    private Integer smallTimestep;

    @Option(names = "--big-t", paramLabel = "T", description = "Big noise scale t_b of detection (published: 400).")
    private Integer bigTimestep;

    @Option(names = "--guidance", paramLabel = "W", description = "Weight of the norm guidance (published: 1).")
    private Double guidance;

    ModelSettings applyTo(ModelSettings base) {
        UNetConfig unet = base.unet();
        int size = or(imageSize, unet.imageSize());
        // Another size brings its own multipliers, unless they are given.
        List<Double> levels = multipliers != null ? multipliers : size == unet.imageSize() ? unet.multipliers() : null;
        ModelSettings resized = ModelSettings.of(
                size,
                or(baseChannels, unet.baseChannels()),
                or(segmentationChannels, base.segmentation().baseChannels()),
                levels);
        UNetConfig shape = resized.unet();
        return resized.withUNet(() -> new UNetConfig(
                        size,
                        unet.inChannels(),
                        shape.baseChannels(),
                        shape.multipliers(),
                        or(attention, unet.attentionResolutions()),
                        or(resBlocks, unet.resBlocks()),
                        or(heads, unet.heads()),
                        heads != null ? -1 : or(headChannels, unet.headChannels()),
                        !plainUpDown && unet.bigganUpDown(),
                        unet.dropout()))
                .withDiffusion(applyTo(base.diffusion()))
                .withPreparation(preparation.of(base.preparation()));
    }

    private DiffusionSettings applyTo(DiffusionSettings base) {
        return new DiffusionSettings(
                or(timesteps, base.timesteps()),
                or(schedule, base.schedule()),
                or(smallTimestep, base.smallTimestep()),
                or(bigTimestep, base.bigTimestep()),
                or(guidance, base.guidance()));
    }

    private static <T> T or(T given, T otherwise) {
        return given != null ? given : otherwise;
    }
}
