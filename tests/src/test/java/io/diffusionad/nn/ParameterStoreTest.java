package io.diffusionad.nn;

import io.diffusionad.nn.ParameterStore.Slab;
import io.diffusionad.plan.PlanningDevice;
import io.diffusionad.tensor.Arena;
import io.diffusionad.testkit.reference.ReferenceDevice;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ParameterStoreTest {
    private static final UNetConfig TINY = new UNetConfig(16, 3, 32, List.of(1.0, 2.0), List.of(8), 1, 4, -1, true, 0);

    private final ReferenceDevice device = ReferenceDevice.naive();
    private final Arena arena = device.newArena("parameters");

    @Test
    void fullSizeNetworksHaveTheReferencesParameters() {
        PlanningDevice plan = new PlanningDevice();
        try (Arena memory = plan.newArena("parameters")) {
            ParameterStore unet = new UNet(UNetConfig.of(256, 128), plan, memory, false).parameters();
            ParameterStore segmentation =
                    new SegmentationNetwork(SegmentationConfig.of(64), plan, memory, false).parameters();
            assertEquals(131_654_403, unet.parameterCount());
            assertEquals(566, unet.names().size());
            assertEquals(28_373_569, segmentation.parameterCount());
            assertEquals(191, segmentation.names().size());
            assertEquals(110, segmentation.trainableNames().size());
            assertArrayEquals(new int[] {128, 384, 1, 1}, unet.referenceShape("up.12.0.skip_connection.weight"));
            assertArrayEquals(new int[] {1536, 512, 1}, unet.referenceShape("middle.1.to_qkv.weight"));
            assertArrayEquals(new int[0], segmentation.referenceShape("decoder_segment.db4.4.num_batches_tracked"));
        }
    }

    @Test
    void convolutionWeightsLieInKrscOrder() {
        ParameterStore store = new UNet(TINY, device, arena, true).parameters();
        float[] reference = new float[32 * 3 * 9];
        for (int i = 0; i < reference.length; i++) {
            reference[i] = i;
        }
        store.importReference("down.0.0.weight", reference);
        double[] memory = device.read(store.weight("down.0.0.weight").value());
        int k = 5;
        int c = 2;
        int tap = 7;
        assertEquals(reference[(k * 3 + c) * 9 + tap], memory[(k * 9 + tap) * 3 + c]);
        assertArrayEquals(reference, store.exportReference("down.0.0.weight"));
        store.importReference(Slab.SECOND_MOMENTS, "down.0.0.weight", reference);
        assertArrayEquals(reference, store.exportReference(Slab.SECOND_MOMENTS, "down.0.0.weight"));
        assertArrayEquals(new float[reference.length], store.exportReference(Slab.FIRST_MOMENTS, "down.0.0.weight"));
    }

    @Test
    void rowsMakeAWholeEntry() {
        ParameterStore store = new UNet(TINY, device, arena, false).parameters();
        for (String name :
                List.of("down.0.0.weight", "middle.1.to_qkv.weight", "time_embedding.1.weight", "down.0.0.bias")) {
            int[] shape = store.referenceShape(name);
            int elements = store.parameter(name).elements();
            float[] whole = new float[elements];
            for (int i = 0; i < elements; i++) {
                whole[i] = (float) Math.sin(i);
            }
            int row = elements / shape[0];
            int first = shape[0] / 3;
            long version = store.version();
            assertTrue(store.importReferenceRows(
                    name, first, shape[0] - first, buffer(Arrays.copyOfRange(whole, first * row, elements))));
            assertTrue(store.importReferenceRows(name, 0, first, buffer(Arrays.copyOf(whole, first * row))));
            assertArrayEquals(whole, store.exportReference(name), name);
            assertTrue(store.version() > version);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> store.importReferenceRows(name, shape[0] - 1, 2, buffer(new float[2 * row])),
                    name);
        }
    }

    private static ByteBuffer buffer(float... values) {
        ByteBuffer buffer =
                ByteBuffer.allocateDirect(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return buffer;
    }

    @Test
    void versionsGrowWithEveryChange() {
        ParameterStore store = new UNet(TINY, device, arena, false).parameters();
        long storeVersion = store.version();
        long weightVersion = store.weight("out.2.weight").version();
        store.importReference("out.2.bias", new float[3]);
        assertTrue(store.version() > storeVersion);
        assertEquals(weightVersion, store.weight("out.2.weight").version());
        store.changed();
        assertTrue(store.weight("out.2.weight").version() > weightVersion);
    }

    @Test
    void wrongNamesAndCountsAreRefused() {
        ParameterStore store = new UNet(TINY, device, arena, false).parameters();
        assertThrows(IllegalArgumentException.class, () -> store.weight("down.99.weight"));
        String message = assertThrows(
                        IllegalArgumentException.class, () -> store.importReference("out.2.bias", new float[4]))
                .getMessage();
        assertTrue(message.contains("out.2.bias has shape [3]"), message);
        assertThrows(IllegalStateException.class, () -> store.gradient("out.2.bias"));
        assertThrows(IllegalStateException.class, () -> store.slab(Slab.GRADIENTS));
        assertFalse(store.trainable());
    }

    @Test
    void initialisationFollowsTheSeedAndTheLayer() {
        ParameterStore store = new UNet(TINY, device, arena, false).parameters();
        store.initialise(1);
        float[] first = store.exportReference("down.1.0.in_layers.2.weight");
        double bound = 1 / Math.sqrt(32 * 9);
        double mean = 0;
        double square = 0;
        for (float value : first) {
            assertTrue(Math.abs(value) <= bound, () -> "beyond the bound: " + value);
            mean += value / (double) first.length;
            square += (double) value * value / first.length;
        }
        assertEquals(0, mean, 4 * bound / Math.sqrt(3.0 * first.length));
        assertEquals(bound * bound / 3, square, 0.05 * bound * bound / 3);
        assertArrayEquals(new float[32], store.exportReference("down.1.0.out_layers.3.bias"));
        assertArrayEquals(new float[3 * 32 * 9], store.exportReference("out.2.weight"));
        float[] ones = new float[32];
        Arrays.fill(ones, 1f);
        assertArrayEquals(ones, store.exportReference("out.0.weight"));
        assertFalse(Arrays.equals(first, store.exportReference("down.2.0.in_layers.2.weight")));
        store.initialise(2);
        assertFalse(Arrays.equals(first, store.exportReference("down.1.0.in_layers.2.weight")));
        store.initialise(1);
        assertArrayEquals(first, store.exportReference("down.1.0.in_layers.2.weight"));
    }
}
