package io.diffusionad.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The restricted unpickler of PyTorch checkpoints: {@link TorchGlobal} lists the names that have a meaning, other
 * objects become {@link OpaqueObject}.
 */
final class TorchUnpickler implements PickleMachine.Extensions {
    /** Turns a rebuilt tensor's parts into a value. */
    interface TensorFactory {
        HostTensor rebuild(TorchStorages.Reference storage, long offset, int[] shape, long[] strides)
                throws IOException;
    }

    /** Functions whose first argument is the class of what they make. */
    private static final Set<String> CONSTRUCTORS = Set.of(
            "copyreg._reconstructor",
            "copy_reg._reconstructor",
            "copyreg.__newobj__",
            "copy_reg.__newobj__",
            "numpy.core.multiarray._reconstruct",
            "numpy._core.multiarray._reconstruct");

    /** An object as the dictionary of its attributes. */
    private static final class Attributes extends LinkedHashMap<Object, Object> {
        private static final long serialVersionUID = 1;
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
        if (TorchGlobal.runsCommands(module, name)) {
            throw new InvalidFileException(
                    file,
                    "it contains the Python object '" + module + "." + name + "', which is not loaded for safety",
                    "such a file may have been made to run commands: get it from a source that you trust, as a plain dictionary of tensors");
        }
        TorchGlobal global = TorchGlobal.named(module + "." + name);
        return global != null ? global : new OpaqueObject(module + "." + name);
    }

    @Override
    public Object call(Object callable, List<?> arguments) throws IOException {
        if (callable instanceof OpaqueObject opaque) {
            boolean constructor = CONSTRUCTORS.contains(opaque.className())
                    && !arguments.isEmpty()
                    && arguments.get(0) instanceof OpaqueObject;
            return constructor ? arguments.get(0) : opaque;
        }
        if (!(callable instanceof TorchGlobal global)) {
            throw malformed("a call of something that is no function");
        }
        return switch (global.kind()) {
            case REBUILD_TENSOR, REBUILD_TENSOR_V2 -> tensor(arguments);
            case REBUILD_PARAMETER -> parameter(arguments);
            case REBUILD_FROM_TYPE -> ofType(arguments);
            case ORDERED_DICT -> orderedDict(arguments);
            case DEFAULT_DICT -> new LinkedHashMap<>();
            case NAMESPACE -> new Attributes();
            case TYPED_VALUE -> argument(arguments, 0, Object.class);
            case STORAGE -> throw malformed("a call of a type");
        };
    }

    /**
     * Attributes are taken where an object is made of them; others, such as the _metadata of a state_dict, carry no
     * tensors.
     */
    @Override
    public void setState(Object object, Object state) {
        if (object instanceof Attributes attributes && state instanceof Map<?, ?> values && values != object) {
            attributes.putAll(values);
        }
    }

    /**
     * ('storage', storage class, key, location, elements), and in the legacy format a view, which was always None in
     * practice.
     */
    @Override
    public Object persistent(Object identifier) throws InvalidFileException {
        List<?> parts = identifier instanceof List<?> list ? list : List.of();
        if (parts.size() >= 5 && "storage".equals(parts.get(0)) && parts.get(1) instanceof OpaqueObject type) {
            return type; // of elements that Java has no type for
        }
        if (parts.size() < 5
                || !"storage".equals(parts.get(0))
                || !(parts.get(1) instanceof TorchGlobal type)
                || type.kind() != TorchGlobal.Kind.STORAGE
                || !(parts.get(2) instanceof String key)
                || !(parts.get(4) instanceof Long elements)
                || elements < 0) {
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

    private Object tensor(List<?> arguments) throws IOException {
        if (!arguments.isEmpty() && arguments.get(0) instanceof OpaqueObject storage) {
            return storage;
        }
        TorchStorages.Reference storage = argument(arguments, 0, TorchStorages.Reference.class);
        long offset = argument(arguments, 1, Long.class);
        long[] shape = longs(argument(arguments, 2, List.class));
        long[] strides = longs(argument(arguments, 3, List.class));
        if (Arrays.stream(shape).anyMatch(dim -> dim < 0 || dim > Integer.MAX_VALUE)) {
            throw malformed("a tensor of shape " + Arrays.toString(shape));
        }
        return tensors.rebuild(
                storage, offset, Arrays.stream(shape).mapToInt(dim -> (int) dim).toArray(), strides);
    }

    private Object parameter(List<?> arguments) throws InvalidFileException {
        return !arguments.isEmpty() && arguments.get(0) instanceof OpaqueObject opaque
                ? opaque
                : argument(arguments, 0, HostTensor.class);
    }

    /** A tensor with attributes, or of a subclass: (function, type, arguments of the function, attributes). */
    private Object ofType(List<?> arguments) throws IOException {
        TorchGlobal function = arguments.isEmpty() || !(arguments.get(0) instanceof TorchGlobal global) ? null : global;
        if (function == null
                || function.kind() != TorchGlobal.Kind.REBUILD_TENSOR_V2
                        && function.kind() != TorchGlobal.Kind.REBUILD_PARAMETER) {
            return new OpaqueObject("torch.Tensor");
        }
        return call(function, argument(arguments, 2, List.class));
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
        return new InvalidFileException(
                file,
                "its pickle has " + what,
                "it is damaged or was not written by torch.save: copy or save it again");
    }
}
