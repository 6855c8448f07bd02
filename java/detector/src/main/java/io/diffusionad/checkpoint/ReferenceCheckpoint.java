package io.diffusionad.checkpoint;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.TorchCheckpoint;
import io.diffusionad.nn.ParameterStore;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.ModelSettings;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A detector as the original PyTorch program saves it ({@code params-best.pt}): the state of both networks, the number
 * of epochs, and the settings.
 *
 * @param card what our checkpoint says of the detector; the category is not in the file
 * @param unet the UNet's {@code state_dict}
 * @param segmentation the segmentation network's {@code state_dict}
 * @param remarks about settings without effect, which weights were chosen, and what was skipped
 */
public record ReferenceCheckpoint(
        Path file,
        ModelCard card,
        Map<String, HostTensor> unet,
        Map<String, HostTensor> segmentation,
        List<String> remarks) {
    private static final String UNET = "unet_model_state_dict";
    private static final String SEGMENTATION = "seg_model_state_dict";
    private static final int MOST_NAMED = 6;
    private static final String FIRST_WEIGHT = "encoder_segment.block1.0.weight";

    /**
     * @param category what the detector was trained on, for people
     * @throws io.diffusionad.io.InvalidFileException when the file is damaged, refused, or lacks a part
     * @throws InvalidInputException when its settings describe no model that can be built
     */
    public static ReferenceCheckpoint read(Path file, String category) throws IOException {
        TorchCheckpoint checkpoint = TorchCheckpoint.read(file);
        StateDictionary unetState = StateDictionary.of(checkpoint, UNET);
        StateDictionary segmentationState = StateDictionary.of(checkpoint, SEGMENTATION);
        Map<String, HostTensor> segmentation = segmentationState.tensors();
        ReferenceConfig config =
                ReferenceConfig.of(checkpoint.get("args") instanceof Map<?, ?> args ? args : null, file.toString());
        ModelSettings settings = new ModelSettings(
                config.model().unet(),
                widthOf(file, segmentation),
                config.model().diffusion(),
                config.model().preparation());
        long epochs = checkpoint.get("n_epoch") instanceof Long number ? number : 0;
        List<String> remarks = new ArrayList<>(config.remarks());
        remarks.addAll(unetState.remarks());
        remarks.addAll(segmentationState.remarks());
        remarks.addAll(skipped(checkpoint));
        return new ReferenceCheckpoint(
                file,
                ModelCard.uncalibrated(settings, category, epochs, 0),
                unetState.tensors(),
                segmentation,
                remarks);
    }

    /** A sentence about objects in the file that are not read, or none. */
    public static List<String> skipped(TorchCheckpoint checkpoint) throws IOException {
        List<String> skipped = checkpoint.skipped();
        if (skipped.isEmpty()) {
            return List.of();
        }
        return List.of(
                "Skipped, as no weights: " + String.join(", ", skipped.subList(0, Math.min(MOST_NAMED, skipped.size())))
                        + (skipped.size() > MOST_NAMED ? " and " + (skipped.size() - MOST_NAMED) + " more." : "."));
    }

    /**
     * Fills a model of these settings.
     *
     * @throws InvalidInputException when the weights are of another architecture than the settings
     */
    public void copyInto(DetectorModel model) {
        fill(model.unet().parameters(), unet, UNET);
        fill(model.segmentation().parameters(), segmentation, SEGMENTATION);
    }

    /** The settings do not say how wide the segmentation network is; its first weight does. */
    private static SegmentationConfig widthOf(Path file, Map<String, HostTensor> segmentation) {
        HostTensor first = segmentation.get(FIRST_WEIGHT);
        if (first == null || first.shape().length != 4 || first.elements() == 0) {
            throw new InvalidInputException(
                    file + " is no checkpoint of DiffusionAD: seg_model_state_dict holds no convolution " + FIRST_WEIGHT
                            + "; give a params-best.pt or params-last.pt");
        }
        return new SegmentationConfig(first.shape()[1], 1, first.shape()[0]);
    }

    private void fill(ParameterStore parameters, Map<String, HostTensor> state, String part) {
        Map<String, HostTensor> leftOver = new LinkedHashMap<>(state);
        for (String name : parameters.names()) {
            HostTensor tensor = leftOver.remove(name);
            if (tensor == null || !tensor.hasShape(parameters.referenceShape(name))) {
                throw new InvalidInputException(file + " is of another architecture than its own settings: in " + part
                        + " the tensor " + name + " is "
                        + (tensor == null ? "missing" : Arrays.toString(tensor.shape())) + " instead of "
                        + Arrays.toString(parameters.referenceShape(name))
                        + "; give the file as the original program wrote it");
            }
            parameters.importReference(name, tensor.toFloats());
        }
        if (!leftOver.isEmpty()) {
            throw new InvalidInputException(file + " is of another architecture than its own settings: " + part
                    + " holds a tensor " + leftOver.keySet().iterator().next()
                    + " too many; give the file as the original program wrote it");
        }
    }
}
