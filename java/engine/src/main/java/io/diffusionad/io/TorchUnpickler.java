package io.diffusionad.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The restricted unpickler of PyTorch checkpoints: {@link TorchGlobal} lists what may be named, everything else is refused by its name. */
final class TorchUnpickler implements PickleMachine.Extensions {
    /** Turns a rebuilt tensor's parts into a value. */
    interface TensorFactory {
        HostTensor rebuild(TorchStorages.Reference storage, long offset, int[] shape, long[] strides) throws IOException;
    }

    private final Path file;
    private final TensorFactory tensors;
    private final Map<String, TorchStorages.Reference> storages = new LinkedHashMap<>();

    TorchUnpickler(Path file, TensorFactory tensors) {
        this.file = file;
        this.tensors = tensors;
    }

    /** Every storage that the pickle named, by key. */
    Map<String, TorchStorages.Reference> storages() {
        return storages;
    }

    @Override
    public Object global(String module, String name) throws InvalidFileException {
        TorchGlobal global = TorchGlobal.named(module + "." + name);
        if (global == null) {
            throw new InvalidFileException(file, "it contains the Python object '" + module + "." + name + "', which is not loaded for safety",
                    "save a plain dictionary of tensors instead, such as torch.save(model.state_dict(), path)");
        }
        return global;
    }

    @Override
    public Object call(Object callable, List<?> arguments) throws IOException {
        if (!(callable instanceof TorchGlobal global)) {
            throw malformed("a call of something that is no function");
        }
        return switch (global.kind()) {
            case REBUILD_TENSOR, REBUILD_TENSOR_V2 -> tensor(arguments);
            case REBUILD_PARAMETER -> argument(arguments, 0, HostTensor.class);
            case ORDERED_DICT -> orderedDict(arguments);
            case DEFAULT_DICT -> defaultDict(arguments);
            case STRING_TYPE, STORAGE -> throw malformed("a call of a type");
        };
    }

    @Override
    public void setState(Object object, Object state) throws InvalidFileException {
        // A dictionary's attributes, such as the _metadata of a state_dict, carry no tensors.
        if (!(object instanceof LinkedHashMap) || !(state instanceof Map)) {
            throw malformed("attributes of something that is no dictionary");
        }
    }

    /** ('storage', storage class, key, location, elements), and in the legacy format a view, which was always None in practice. */
    @Override
    public Object persistent(Object identifier) throws InvalidFileException {
        List<?> parts = identifier instanceof List<?> list ? list : List.of();
        if (parts.size() < 5 || !"storage".equals(parts.get(0)) || !(parts.get(1) instanceof TorchGlobal type) || type.kind() != TorchGlobal.Kind.STORAGE
                || !(parts.get(2) instanceof String key) || !(parts.get(4) instanceof Long elements) || elements < 0) {
            throw malformed("a malformed storage");
        }
        if (parts.size() > 5 && parts.get(5) != null) {
            throw malformed("a storage that is a view of another");
        }
        TorchStorages.Reference reference = new TorchStorages.Reference(type.storage(), key, elements);
        TorchStorages.Reference earlier = storages.putIfAbsent(key, reference);
        if (earlier != null && !earlier.equals(reference)) {
            throw malformed("two different storages called '" + key + "'");
        }
        return reference;
    }

    private HostTensor tensor(List<?> arguments) throws IOException {
        TorchStorages.Reference storage = argument(arguments, 0, TorchStorages.Reference.class);
        long offset = argument(arguments, 1, Long.class);
        long[] shape = longs(argument(arguments, 2, List.class));
        long[] strides = longs(argument(arguments, 3, List.class));
        if (Arrays.stream(shape).anyMatch(dim -> dim < 0 || dim > Integer.MAX_VALUE)) {
            throw malformed("a tensor of shape " + Arrays.toString(shape));
        }
        return tensors.rebuild(storage, offset, Arrays.stream(shape).mapToInt(dim -> (int) dim).toArray(), strides);
    }

    private Object orderedDict(List<?> arguments) throws InvalidFileException {
        Map<Object, Object> map = new LinkedHashMap<>();
        if (!arguments.isEmpty()) {
            for (Object item : argument(arguments, 0, List.class)) {
                if (!(item instanceof List<?> pair) || pair.size() != 2 || !(pair.get(0) instanceof String)) {
                    throw malformed("a dictionary item that is no pair");
                }
                map.put(pair.get(0), pair.get(1));
            }
        }
        return map;
    }

    private Object defaultDict(List<?> arguments) throws InvalidFileException {
        if (arguments.size() != 1 || !(arguments.get(0) instanceof TorchGlobal factory) || factory.kind() != TorchGlobal.Kind.STRING_TYPE) {
            throw malformed("a defaultdict of something else than str");
        }
        return new LinkedHashMap<>();
    }

    private <T> T argument(List<?> arguments, int index, Class<T> type) throws InvalidFileException {
        if (index >= arguments.size() || !type.isInstance(arguments.get(index))) {
            throw malformed("a call whose argument " + index + " is no " + type.getSimpleName());
        }
        return type.cast(arguments.get(index));
    }

    private long[] longs(List<?> values) throws InvalidFileException {
        long[] longs = new long[values.size()];
        for (int i = 0; i < longs.length; i++) {
            if (!(values.get(i) instanceof Long value)) {
                throw malformed("a shape or stride that is no integer");
            }
            longs[i] = value;
        }
        return longs;
    }

    private InvalidFileException malformed(String what) {
        return new InvalidFileException(file, "its pickle has " + what, "it is damaged or was not written by torch.save: copy or save it again");
    }
}
