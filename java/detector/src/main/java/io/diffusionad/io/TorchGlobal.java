package io.diffusionad.io;

import java.util.Map;
import java.util.Set;

/**
 * The names of a PyTorch checkpoint that have a meaning here, which {@link TorchUnpickler} gives them; naming one runs
 * none of Python's code. Other names stand for objects that are skipped, but for those that only a pickle made to run
 * commands has.
 *
 * @param kind what it is
 * @param storage the element type of a storage class, else null
 */
record TorchGlobal(Kind kind, ElementType storage) {
    enum Kind {
        REBUILD_TENSOR,
        REBUILD_TENSOR_V2,
        REBUILD_PARAMETER,
        REBUILD_FROM_TYPE,
        ORDERED_DICT,
        DEFAULT_DICT,
        /** Objects that are dictionaries of their attributes. */
        NAMESPACE,
        /** Functions of LibTorch that give their first argument back with a type. */
        TYPED_VALUE,
        STORAGE
    }

    private static final Map<String, TorchGlobal> KNOWN = Map.ofEntries(
            function("torch._utils._rebuild_tensor", Kind.REBUILD_TENSOR),
            function("torch._utils._rebuild_tensor_v2", Kind.REBUILD_TENSOR_V2),
            function("torch._utils._rebuild_parameter", Kind.REBUILD_PARAMETER),
            function("torch._utils._rebuild_parameter_with_state", Kind.REBUILD_PARAMETER),
            function("torch._tensor._rebuild_from_type_v2", Kind.REBUILD_FROM_TYPE),
            function("collections.OrderedDict", Kind.ORDERED_DICT),
            function("collections.defaultdict", Kind.DEFAULT_DICT),
            function("argparse.Namespace", Kind.NAMESPACE),
            function("types.SimpleNamespace", Kind.NAMESPACE),
            function("easydict.EasyDict", Kind.NAMESPACE),
            function("torch.jit._pickle.restore_type_tag", Kind.TYPED_VALUE),
            function("torch.jit._pickle.build_intlist", Kind.TYPED_VALUE),
            function("torch.jit._pickle.build_doublelist", Kind.TYPED_VALUE),
            function("torch.jit._pickle.build_boollist", Kind.TYPED_VALUE),
            function("torch.jit._pickle.build_tensorlist", Kind.TYPED_VALUE),
            storage("Double", ElementType.F64),
            storage("Float", ElementType.F32),
            storage("Half", ElementType.F16),
            storage("BFloat16", ElementType.BF16),
            storage("Long", ElementType.I64),
            storage("Int", ElementType.I32),
            storage("Short", ElementType.I16),
            storage("Char", ElementType.I8),
            storage("Byte", ElementType.U8),
            storage("Bool", ElementType.BOOL));

    /** Modules that no checkpoint has a reason to name. */
    private static final Set<String> COMMANDS = Set.of(
            "os",
            "posix",
            "nt",
            "sys",
            "subprocess",
            "pty",
            "socket",
            "shutil",
            "runpy",
            "importlib",
            "ctypes",
            "webbrowser",
            "code",
            "commands",
            "signal",
            "pip",
            "requests",
            "urllib");
    /** The same among the built-in functions, whose types are harmless. */
    private static final Set<String> BUILT_IN_COMMANDS = Set.of(
            "eval",
            "exec",
            "execfile",
            "compile",
            "open",
            "file",
            "input",
            "raw_input",
            "__import__",
            "setattr",
            "delattr",
            "globals",
            "locals",
            "vars",
            "breakpoint",
            "apply",
            "map",
            "filter");

    /** Null when the name has no meaning here. */
    static TorchGlobal named(String qualifiedName) {
        return KNOWN.get(qualifiedName);
    }

    /** Whether a name belongs to a pickle that was made to run something. */
    static boolean runsCommands(String module, String name) {
        String first = module.contains(".") ? module.substring(0, module.indexOf('.')) : module;
        return COMMANDS.contains(first)
                || (first.equals("builtins") || first.equals("__builtin__")) && BUILT_IN_COMMANDS.contains(name);
    }

    private static Map.Entry<String, TorchGlobal> function(String name, Kind kind) {
        return Map.entry(name, new TorchGlobal(kind, null));
    }

    private static Map.Entry<String, TorchGlobal> storage(String name, ElementType type) {
        return Map.entry("torch." + name + "Storage", new TorchGlobal(Kind.STORAGE, type));
    }
}
