package io.diffusionad.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.Preparation;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.UNetConfig;
import io.diffusionad.settings.DiffusionSettings.Schedule;

import java.util.List;
import java.util.function.Supplier;

/**
 * Everything but the weights that decides what a detector computes, from the picture on. Travels as JSON in a
 * checkpoint's metadata.
 */
public record ModelSettings(
        UNetConfig unet, SegmentationConfig segmentation, DiffusionSettings diffusion, Preparation preparation) {
    /** @throws InvalidInputException when the two networks do not fit each other or the image size */
    public ModelSettings {
        // Models of builds that stored none were prepared as the published program does.
        preparation = preparation == null ? Preparation.REFERENCE : preparation;
        if (unet == null || segmentation == null || diffusion == null) {
            throw new InvalidInputException("model settings need the parts unet, segmentation and diffusion");
        }
        if (segmentation.inChannels() != 2 * unet.inChannels()) {
            throw new InvalidInputException("the segmentation network takes " + segmentation.inChannels()
                    + " channels, but an image beside its" + " reconstruction has " + 2 * unet.inChannels());
        }
        if (unet.imageSize() % SegmentationConfig.SIZE_MULTIPLE != 0) {
            throw new InvalidInputException("image size " + unet.imageSize() + " must be a multiple of "
                    + SegmentationConfig.SIZE_MULTIPLE + ": the segmentation network halves it five times");
        }
    }

    /**
     * The reference's networks at a size and width. @param multipliers width of each level, or null for those of the
     * image size
     */
    public static ModelSettings of(
            int imageSize, int baseChannels, int segmentationChannels, List<Double> multipliers) {
        return new ModelSettings(
                checked(() -> multipliers == null
                        ? UNetConfig.of(imageSize, baseChannels)
                        : UNetConfig.of(imageSize, baseChannels, multipliers)),
                checked(() -> SegmentationConfig.of(segmentationChannels)),
                DiffusionSettings.DEFAULT,
                Preparation.REFERENCE);
    }

    public int imageSize() {
        return unet.imageSize();
    }

    public ModelSettings withUNet(Supplier<UNetConfig> other) {
        return new ModelSettings(checked(other), segmentation, diffusion, preparation);
    }

    public ModelSettings withDiffusion(DiffusionSettings other) {
        return new ModelSettings(unet, segmentation, other, preparation);
    }

    public ModelSettings withPreparation(Preparation other) {
        return new ModelSettings(unet, segmentation, diffusion, other);
    }

    public String toJson() {
        try {
            return new ObjectMapper().writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("model settings do not become JSON", e);
        }
    }

    /** @throws InvalidInputException when the text is no such JSON or describes an impossible model */
    public static ModelSettings fromJson(String json) {
        try {
            JsonFields fields = JsonFields.parse(json);
            ModelSettings settings = new ModelSettings(
                    unet(fields.object("unet")),
                    segmentation(fields.object("segmentation")),
                    diffusion(fields.object("diffusion")),
                    fields.has("preparation") ? preparation(fields.object("preparation")) : null);
            fields.requireNoMore();
            return settings;
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    "the model settings are damaged or of another version (" + e.getOriginalMessage()
                            + "); take another copy, or train again with this version",
                    e);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(
                    e.getMessage(), e); // the networks' own configurations know nothing of users
        }
    }

    private static UNetConfig unet(JsonFields fields) throws JsonProcessingException {
        UNetConfig unet = new UNetConfig(
                fields.integer("imageSize"),
                fields.integer("inChannels"),
                fields.integer("baseChannels"),
                fields.numbers("multipliers").stream().map(Number::doubleValue).toList(),
                fields.integers("attentionResolutions"),
                fields.integer("resBlocks"),
                fields.integer("heads"),
                fields.integer("headChannels"),
                fields.flag("bigganUpDown"),
                fields.number("dropout"));
        fields.requireNoMore();
        return unet;
    }

    private static SegmentationConfig segmentation(JsonFields fields) throws JsonProcessingException {
        SegmentationConfig segmentation = new SegmentationConfig(
                fields.integer("inChannels"), fields.integer("outChannels"), fields.integer("baseChannels"));
        fields.requireNoMore();
        return segmentation;
    }

    private static DiffusionSettings diffusion(JsonFields fields) throws JsonProcessingException {
        DiffusionSettings diffusion = new DiffusionSettings(
                fields.integer("timesteps"),
                fields.constant("schedule", Schedule.class),
                fields.integer("smallTimestep"),
                fields.integer("bigTimestep"),
                fields.number("guidance"));
        fields.requireNoMore();
        return diffusion;
    }

    private static Preparation preparation(JsonFields fields) throws JsonProcessingException {
        Preparation preparation = new Preparation(
                fields.constant("levels", Preparation.Levels.class),
                fields.integer("bits"),
                fields.constant("shrink", Preparation.Shrink.class),
                fields.constant("fit", Preparation.Fit.class));
        fields.requireNoMore();
        return preparation;
    }

    /** The networks' own configurations know nothing of users: their complaints become user errors here. */
    private static <T> T checked(Supplier<T> configuration) {
        try {
            return configuration.get();
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(e.getMessage(), e);
        }
    }
}
