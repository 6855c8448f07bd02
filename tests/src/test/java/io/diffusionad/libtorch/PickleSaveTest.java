package io.diffusionad.libtorch;

import io.diffusionad.io.HostTensor;
import io.diffusionad.io.TorchCheckpoint;
import io.diffusionad.testkit.libtorch.TorchTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What LibTorch itself saves from C++ is read: its dictionaries and lists carry their types. */
class PickleSaveTest {
    @Test
    void dictionariesAndListsAreRead(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("saved.pt");
        try (PointerScope scope = new PointerScope()) {
            JitModule module = new JitModule(new QualifiedName("Saved"));
            module.define(
                    "def forward(self, x):\n    return ({'weight': x, 'bias': x[0]}, [1, 2], [0.5], [True], [x], {'T': 1000})\n");
            IValue value = module.forward(new IValueVector(
                    new IValue(TorchTensors.of(new double[] {1, 2, 3, 4, 5, 6}, ScalarType.Float, 2, 3))));
            Files.write(file, torch.pickle_save(value).get());
        }
        List<?> root = (List<?>) TorchCheckpoint.read(file).root();
        HostTensor weight = HostTensor.ofFloats(new int[] {2, 3}, 1, 2, 3, 4, 5, 6);
        assertEquals(Map.of("weight", weight, "bias", HostTensor.ofFloats(new int[] {3}, 1, 2, 3)), root.get(0));
        assertEquals(List.of(1L, 2L), root.get(1));
        assertEquals(List.of(0.5), root.get(2));
        assertEquals(List.of(true), root.get(3));
        assertEquals(List.of(weight), root.get(4));
        assertEquals(Map.of("T", 1000L), root.get(5));
    }
}
