package io.diffusionad.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What dictionaries within dictionaries hold, by the path of keys with dots between. A dictionary that is met twice, or
 * in itself, is searched once.
 */
final class TorchContents {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_PATH = 1000;

    private final Path file;
    private final Map<String, HostTensor> tensors = new LinkedHashMap<>();
    private final List<String> skipped = new ArrayList<>();
    private final Set<Object> visited = Collections.newSetFromMap(new IdentityHashMap<>());

    private TorchContents(Path file) {
        this.file = file;
    }

    /** @throws InvalidFileException when paths are longer than those of any program */
    static TorchContents of(Path file, Object root) throws InvalidFileException {
        TorchContents contents = new TorchContents(file);
        contents.collect(root, "", 0);
        return contents;
    }

    Map<String, HostTensor> tensors() {
        return tensors;
    }

    /** {@code path (class)} of objects that stand for what was not rebuilt. */
    List<String> skipped() {
        return skipped;
    }

    /** For messages: the first of what was not rebuilt, or nothing. */
    String firstSkipped() {
        return skipped.isEmpty() ? "" : ": it holds " + skipped.get(0);
    }

    private void collect(Object value, String path, int depth) throws InvalidFileException {
        if (depth > MAX_DEPTH || path.length() > MAX_PATH) {
            throw new InvalidFileException(
                    file,
                    "its dictionaries are nested " + depth + " deep, with keys of " + path.length()
                            + " characters together",
                    "save a plain dictionary of tensors instead, such as torch.save(model.state_dict(), path)");
        }
        if (value instanceof Map<?, ?> map) {
            if (visited.add(map)) {
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    collect(
                            entry.getValue(),
                            path.isEmpty() ? String.valueOf(entry.getKey()) : path + "." + entry.getKey(),
                            depth + 1);
                }
            }
        } else if (value instanceof HostTensor tensor) {
            tensors.put(path, tensor);
        } else {
            noteSkipped(value, path);
        }
    }

    private void noteSkipped(Object value, String path) {
        if (value instanceof OpaqueObject object) {
            skipped.add(path + " (" + object.className() + ")");
        } else if (value instanceof List<?> list) {
            list.stream()
                    .filter(OpaqueObject.class::isInstance)
                    .findFirst()
                    .ifPresent(object -> noteSkipped(object, path));
        }
    }
}
