package io.diffusionad.checkpoint;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.HostTensor;
import org.junit.jupiter.api.Test;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class StateDictionaryTest {
    private static Map<String, HostTensor> numbered(String... names) {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        for (String name : names) {
            tensors.put(name, HostTensor.ofFloats(new int[] {1}, tensors.size()));
        }
        return tensors;
    }

    private static float value(StateDictionary state, String name) {
        return state.tensors().get(name).toFloats()[0];
    }

    @Test
    void plainNamesStay() {
        Map<String, HostTensor> tensors = numbered("down.0.weight", "out.2.bias");
        assertEquals(new StateDictionary(tensors, List.of()), StateDictionary.of(tensors, "unet"));
    }

    @Test
    void wrappersAreLeftOut() {
        StateDictionary state = StateDictionary.of(
                numbered("_orig_mod.module.a.weight", "_orig_mod.module.b._orig_mod.weight"), "unet");
        assertEquals(
                List.of("a.weight", "b.weight"), List.copyOf(state.tensors().keySet()));
        assertEquals(List.of("In unet the names begin with _orig_mod., module., which is left out."), state.remarks());
    }

    @Test
    void averagedWeightsAreChosenAndSaid() {
        for (String prefix : List.of("ema.", "ema_model.module.", "shadow.")) {
            StateDictionary state = StateDictionary.of(
                    numbered(
                            "online_model.a.weight",
                            "online_model.a.running_mean",
                            prefix + "a.weight",
                            "initted",
                            "step"),
                    "unet");
            assertEquals(2, value(state, "a.weight"), prefix);
            assertEquals(1, value(state, "a.running_mean"), "averaging leaves running statistics out");
            assertEquals(2, state.tensors().size());
            assertTrue(
                    state.remarks()
                            .get(1)
                            .contains("averaged weights (EMA) are taken: 1 tensors, in place of 1 plain ones"),
                    state.remarks().toString());
        }
    }

    @Test
    void averagesOfTheOptimisersPackageAreReadPlain() {
        StateDictionary state = StateDictionary.of(numbered("n_averaged", "module.a.weight"), "unet");
        assertEquals(List.of("a.weight"), List.copyOf(state.tensors().keySet()));
    }

    @Test
    void twoOfANameAreRefused() {
        InvalidInputException e = assertThrows(
                InvalidInputException.class, () -> StateDictionary.of(numbered("a.weight", "module.a.weight"), "unet"));
        assertTrue(e.getMessage().contains("twice"), e.getMessage());
    }
}
