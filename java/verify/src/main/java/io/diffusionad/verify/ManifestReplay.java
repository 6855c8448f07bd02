package io.diffusionad.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.InvalidFileException;
import io.diffusionad.nn.ParameterStore;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.plan.PlanningDevice;
import io.diffusionad.tensor.Arena;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The manifest {@code state_dict_manifest.json}: names, order and shapes of every network's {@code state_dict},
 * compared with the networks built here from the configuration of the recording of the same name (no memory is taken
 * for them).
 */
final class ManifestReplay {
    static final String NAME = "state_dict_manifest.json";
    /** Lists of the networks in the recorded checkpoints, by the state's name there. */
    private static final Map<String, String> CHECKPOINT_LISTS =
            Map.of("unet_model_state_dict", "checkpoint_unet", "seg_model_state_dict", "checkpoint_segmentation");

    private final Path path;
    private final JsonNode lists;

    private ManifestReplay(Path path, JsonNode lists) {
        this.path = path;
        this.lists = lists;
    }

    /** The folder's manifest, or one without entries. */
    static ManifestReplay of(GoldenFolder folder) throws IOException {
        Path path = folder.path().resolve(NAME);
        ObjectMapper json = new ObjectMapper();
        if (!folder.has(NAME)) {
            return new ManifestReplay(path, json.createObjectNode());
        }
        try {
            return new ManifestReplay(path, json.readTree(Files.readAllBytes(path)));
        } catch (JsonProcessingException e) {
            throw new InvalidFileException(
                    path, "it is not JSON (" + e.getOriginalMessage() + ")", "record it again", e);
        }
    }

    /** Compares every list for which the folder has a recording with a configuration. */
    void run(Replay replay) throws IOException {
        for (Map.Entry<String, JsonNode> list : lists.properties()) {
            String recording = list.getKey() + ".safetensors";
            if (!replay.folder().has(recording)) {
                continue;
            }
            GoldenFile file = replay.folder().read(recording);
            if (file.hasMetadata("config")) {
                try (PlanningDevice nowhere = new PlanningDevice();
                        Arena arena = nowhere.newArena("manifest")) {
                    JsonNode config = file.json("config");
                    ParameterStore parameters = NetworkConfigs.isUNet(config)
                            ? new UNet(NetworkConfigs.unet(file, config), nowhere, arena, false).parameters()
                            : new SegmentationNetwork(NetworkConfigs.segmentation(file, config), nowhere, arena, false)
                                    .parameters();
                    List<Entry> own = parameters.names().stream()
                            .map(name -> new Entry(name, parameters.referenceShape(name)))
                            .toList();
                    replay.add(
                            NAME,
                            list.getKey() + ": entries that differ in name, order or shape",
                            differences(list.getValue(), own),
                            0);
                }
            }
        }
    }

    /** Compares a checkpoint's state with the list for it, if there is one. */
    void compareState(Replay replay, String file, String state, Map<String, HostTensor> tensors) throws IOException {
        JsonNode list = lists.get(CHECKPOINT_LISTS.getOrDefault(state, ""));
        if (list != null) {
            List<Entry> own = tensors.entrySet().stream()
                    .map(entry -> new Entry(entry.getKey(), entry.getValue().shape()))
                    .toList();
            replay.add(file, state + ": entries that differ from the manifest", differences(list, own), 0);
        }
    }

    private record Entry(String name, int[] shape) {}

    private int differences(JsonNode list, List<Entry> own) throws InvalidFileException {
        int differences = Math.abs(list.size() - own.size());
        for (int i = 0; i < Math.min(list.size(), own.size()); i++) {
            JsonNode recorded = list.get(i);
            if (!recorded.path(0).isTextual() || !recorded.path(1).isArray()) {
                throw new InvalidFileException(
                        path, "entry " + i + " of a list is not [name, shape]", "record it again");
            }
            List<Integer> shape = new ArrayList<>();
            recorded.get(1).forEach(dim -> shape.add(dim.asInt()));
            boolean same = recorded.get(0).textValue().equals(own.get(i).name())
                    && Arrays.equals(
                            shape.stream().mapToInt(Integer::intValue).toArray(),
                            own.get(i).shape());
            differences += same ? 0 : 1;
        }
        return differences;
    }
}
