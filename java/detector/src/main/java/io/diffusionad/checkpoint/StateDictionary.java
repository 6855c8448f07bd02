package io.diffusionad.checkpoint;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.TorchCheckpoint;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The weights of one network under the network's own names. Wrappers put prefixes before them: {@code module.} (data
 * parallelism), {@code _orig_mod.} (compilation), and {@code ema.}, {@code ema_model.} or {@code shadow.} before a
 * second set, averaged over the steps, which is the one to detect with.
 *
 * @param tensors by the network's names
 * @param remarks sentences about prefixes, and which of two sets was taken
 */
record StateDictionary(Map<String, HostTensor> tensors, List<String> remarks) {
    private static final Set<String> WRAPPERS = Set.of("module", "_orig_mod");
    private static final Set<String> AVERAGED = Set.of("ema", "ema_model", "shadow");
    private static final Set<String> PLAIN = Set.of("online_model", "model", "online");
    /** Counters that averaging keeps beside the weights. */
    private static final Set<String> COUNTERS = Set.of("n_averaged", "initted", "step", "num_updates", "decay");

    /** @throws io.diffusionad.io.InvalidFileException when there is no dictionary of tensors of that name */
    static StateDictionary of(TorchCheckpoint checkpoint, String part) throws IOException {
        return of(checkpoint.tensors(part), part);
    }

    /** @param stored as in the file; @param part what messages call it */
    static StateDictionary of(Map<String, HostTensor> stored, String part) {
        Map<String, HostTensor> plain = new LinkedHashMap<>();
        Map<String, HostTensor> averaged = new LinkedHashMap<>();
        Set<String> prefixes = new LinkedHashSet<>();
        for (Map.Entry<String, HostTensor> entry : stored.entrySet()) {
            boolean isAveraged = false;
            String name = entry.getKey();
            for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.')) {
                String segment = name.substring(0, dot);
                if (!WRAPPERS.contains(segment) && !AVERAGED.contains(segment) && !PLAIN.contains(segment)) {
                    break;
                }
                isAveraged |= AVERAGED.contains(segment);
                prefixes.add(segment + ".");
                name = name.substring(dot + 1);
            }
            name = name.replace("._orig_mod.", ".");
            if ((isAveraged ? averaged : plain).put(name, entry.getValue()) != null) {
                throw new InvalidInputException(
                        "the dictionary " + part + " holds " + name + " twice, under different prefixes ("
                                + String.join(", ", prefixes) + "): save one state_dict only");
            }
        }
        if (!prefixes.isEmpty()) {
            plain.keySet().removeAll(COUNTERS);
            averaged.keySet().removeAll(COUNTERS);
        }
        return chosen(plain, averaged, prefixes, part);
    }

    /** The averaged weights where there are any, and of the others what averaging left out. */
    private static StateDictionary chosen(
            Map<String, HostTensor> plain, Map<String, HostTensor> averaged, Set<String> prefixes, String part) {
        List<String> remarks = new ArrayList<>();
        if (!prefixes.isEmpty()) {
            remarks.add("In " + part + " the names begin with " + String.join(", ", prefixes) + ", which is left out.");
        }
        if (averaged.isEmpty()) {
            return new StateDictionary(plain, remarks);
        }
        long replaced = averaged.keySet().stream().filter(plain::containsKey).count();
        Map<String, HostTensor> tensors = new LinkedHashMap<>(plain);
        tensors.putAll(averaged);
        remarks.add("In " + part + " the averaged weights (EMA) are taken: " + averaged.size() + " tensors"
                + (replaced == 0 ? "." : ", in place of " + replaced + " plain ones."));
        return new StateDictionary(tensors, remarks);
    }
}
