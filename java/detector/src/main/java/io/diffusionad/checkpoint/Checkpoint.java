package io.diffusionad.checkpoint;

import io.diffusionad.checkpoint.WeightReader.Destination;
import io.diffusionad.device.Device;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.ElementType;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.SafeTensorsReader;
import io.diffusionad.io.SafeTensorsWriter;
import io.diffusionad.nn.ParameterStore;
import io.diffusionad.nn.ParameterStore.Slab;
import io.diffusionad.settings.ModelCard;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Checkpoint files. A <b>model</b> file holds the weights of both networks ({@code unet.} and {@code segmentation.}
 * before the reference's names) and the {@link ModelCard}: all that detection needs. A <b>resume</b> file holds Adam's
 * moments besides, in one file, so that a run that is killed between two writes never finds weights and moments of
 * different steps. Files are replaced whole or not at all.
 */
public final class Checkpoint {
    private static final String UNET = "unet.";
    private static final String SEGMENTATION = "segmentation.";
    private static final Map<Slab, String> MOMENTS =
            Map.of(Slab.FIRST_MOMENTS, "adam_m.", Slab.SECOND_MOMENTS, "adam_v.");

    private Checkpoint() {}

    /** Writes a model file. */
    public static void writeModel(Path file, ModelCard card, DetectorModel model) throws IOException {
        SafeTensorsWriter writer = new SafeTensorsWriter();
        card.toMetadata().forEach(writer::metadata);
        stores(model).forEach((prefix, store) -> addWeights(writer, prefix, store));
        writer.write(file);
    }

    /**
     * Writes a resume file. @param progress further metadata that the training run wants back; @param model trainable
     */
    public static void writeResume(Path file, ModelCard card, Map<String, String> progress, DetectorModel model)
            throws IOException {
        SafeTensorsWriter writer = new SafeTensorsWriter();
        card.toMetadata().forEach(writer::metadata);
        progress.forEach(writer::metadata);
        stores(model).forEach((prefix, store) -> {
            addWeights(writer, prefix, store);
            MOMENTS.forEach((slab, name) -> store.trainableNames()
                    .forEach(parameter -> writer.tensor(
                            name + prefix + parameter,
                            ElementType.F32,
                            store.referenceShape(parameter),
                            () -> HostTensor.ofFloats(
                                    store.referenceShape(parameter), store.exportReference(slab, parameter)))));
        });
        writer.write(file);
    }

    /**
     * Reads what a checkpoint says of itself.
     *
     * @throws IOException when the file is missing, truncated or damaged
     * @throws InvalidInputException when it is no checkpoint of this program
     */
    public static ModelCard readCard(Path file) throws IOException {
        try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
            return ModelCard.fromMetadata(reader.metadata(), file.toString());
        }
    }

    /** A model and what its file says of it. */
    public record Loaded(ModelCard card, DetectorModel model) implements AutoCloseable {
        @Override
        public void close() {
            model.close();
        }
    }

    /**
     * Reads a checkpoint whole: description and weights are of one file even where training replaces it meanwhile.
     *
     * @return networks for inference; the caller closes them
     * @throws IOException when the file is missing, truncated or damaged
     * @throws InvalidInputException when it is no checkpoint of this program
     * @throws io.diffusionad.tensor.OutOfDeviceMemoryException when the device's memory is too small
     */
    public static Loaded load(Path file, Device device) throws IOException {
        try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
            ModelCard card = ModelCard.fromMetadata(reader.metadata(), file.toString());
            DetectorModel model = new DetectorModel(card.model(), device, false);
            try {
                read(reader, model, weights(model), false);
            } catch (IOException | RuntimeException | Error e) {
                model.close();
                throw e;
            }
            return new Loaded(card, model);
        }
    }

    /**
     * Reads the weights of a model or resume file into networks of the same architecture.
     *
     * @throws IOException when the file is missing, truncated or damaged
     * @throws InvalidInputException when tensors are missing, left over, of another shape, or not finite
     */
    public static void readWeights(Path file, DetectorModel model) throws IOException {
        try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
            read(reader, model, weights(model), false);
        }
    }

    /**
     * {@link #readWeights}, of a file without a checksum too, whose damage may go unseen; one with a wrong checksum is
     * refused.
     *
     * @return whether the file had a checksum
     */
    public static boolean readUncheckedWeights(Path file, DetectorModel model) throws IOException {
        try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
            read(reader, model, weights(model), true);
            return reader.hasChecksum();
        }
    }

    /** Reads weights and moments of a resume file. @param model trainable @return the file's metadata */
    public static Map<String, String> readResume(Path file, DetectorModel model) throws IOException {
        try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
            Map<String, Destination> destinations = weights(model);
            stores(model)
                    .forEach((prefix, store) -> MOMENTS.forEach((slab, moment) -> store.trainableNames()
                            .forEach(name ->
                                    destinations.put(moment + prefix + name, new Destination(store, slab, name)))));
            read(reader, model, destinations, false);
            return reader.metadata();
        }
    }

    private static Map<String, Destination> weights(DetectorModel model) {
        Map<String, Destination> weights = new HashMap<>();
        stores(model).forEach((prefix, store) -> store.names()
                .forEach(name -> weights.put(prefix + name, new Destination(store, Slab.VALUES, name))));
        return weights;
    }

    /** Where the checksum is wrong, that is the error, whatever reading made of the damage. */
    private static void read(
            SafeTensorsReader reader,
            DetectorModel model,
            Map<String, Destination> destinations,
            boolean acceptUnchecked)
            throws IOException {
        try {
            requireNames(reader.file(), reader.names(), model);
            for (String name : destinations.keySet()) {
                if (!reader.names().contains(name)) {
                    throw new InvalidInputException(reader.file() + " cannot be resumed from: it holds no " + name
                            + "; begin again with --overwrite");
                }
            }
            new WeightReader(reader, acceptUnchecked).readInto(destinations);
        } catch (ClosedChannelException e) {
            throw e; // the thread was interrupted: nothing is wrong with the file
        } catch (IOException | RuntimeException e) {
            if (reader.hasChecksum() || !acceptUnchecked) {
                reader.verifyChecksum();
            }
            throw e;
        }
    }

    private static Map<String, ParameterStore> stores(DetectorModel model) {
        Map<String, ParameterStore> stores = new LinkedHashMap<>();
        stores.put(UNET, model.unet().parameters());
        stores.put(SEGMENTATION, model.segmentation().parameters());
        return stores;
    }

    private static void addWeights(SafeTensorsWriter writer, String prefix, ParameterStore store) {
        for (String name : store.names()) {
            int[] shape = store.referenceShape(name);
            if (store.isBatchCounter(name)) {
                writer.tensor(
                        prefix + name,
                        ElementType.I64,
                        shape,
                        () -> HostTensor.ofLongs(shape, (long) store.exportReference(name)[0]));
            } else {
                writer.tensor(
                        prefix + name,
                        ElementType.F32,
                        shape,
                        () -> HostTensor.ofFloats(shape, store.exportReference(name)));
            }
        }
    }

    private static void requireNames(Path file, Set<String> found, DetectorModel model) {
        Set<String> leftOver = new HashSet<>(found);
        leftOver.removeIf(name -> MOMENTS.values().stream().anyMatch(name::startsWith));
        stores(model).forEach((prefix, store) -> store.names().forEach(name -> {
            if (!leftOver.remove(prefix + name)) {
                throw new InvalidInputException(
                        file + " is of another architecture than its own description: it holds no tensor " + prefix
                                + name + "; use the file as train wrote it");
            }
        }));
        if (!leftOver.isEmpty()) {
            throw new InvalidInputException(
                    file + " is of another architecture than its own description: it holds a tensor "
                            + leftOver.stream().sorted().findFirst().orElseThrow()
                            + " too many; use the file as train wrote it");
        }
    }
}
