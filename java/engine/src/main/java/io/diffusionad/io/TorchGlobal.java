package io.diffusionad.io;

import java.util.Map;

/**
 * Everything that a PyTorch checkpoint may name: the allow-list of the restricted unpickler. Naming one of these runs none of Python's code; each
 * has its meaning in {@link TorchUnpickler}.
 *
 * @param kind what it is
 * @param storage the element type of a storage class, else null
 */
record TorchGlobal(Kind kind, ElementType storage) {
    enum Kind { REBUILD_TENSOR, REBUILD_TENSOR_V2, REBUILD_PARAMETER, ORDERED_DICT, DEFAULT_DICT, STRING_TYPE, STORAGE }

    private static final Map<String, TorchGlobal> ALLOWED = Map.ofEntries(
            function("torch._utils._rebuild_tensor", Kind.REBUILD_TENSOR),
            function("torch._utils._rebuild_tensor_v2", Kind.REBUILD_TENSOR_V2),
            function("torch._utils._rebuild_parameter", Kind.REBUILD_PARAMETER),
            function("collections.OrderedDict", Kind.ORDERED_DICT),
            function("collections.defaultdict", Kind.DEFAULT_DICT),
            function("__builtin__.unicode", Kind.STRING_TYPE),
            function("__builtin__.str", Kind.STRING_TYPE),
            function("builtins.str", Kind.STRING_TYPE),
            storage("Double", ElementType.F64), storage("Float", ElementType.F32), storage("Half", ElementType.F16),
            storage("BFloat16", ElementType.BF16), storage("Long", ElementType.I64), storage("Int", ElementType.I32),
            storage("Short", ElementType.I16), storage("Char", ElementType.I8), storage("Byte", ElementType.U8), storage("Bool", ElementType.BOOL));

    /** Null when the name is not allowed. */
    static TorchGlobal named(String qualifiedName) {
        return ALLOWED.get(qualifiedName);
    }

    private static Map.Entry<String, TorchGlobal> function(String name, Kind kind) {
        return Map.entry(name, new TorchGlobal(kind, null));
    }

    private static Map.Entry<String, TorchGlobal> storage(String name, ElementType type) {
        return Map.entry("torch." + name + "Storage", new TorchGlobal(Kind.STORAGE, type));
    }
}
