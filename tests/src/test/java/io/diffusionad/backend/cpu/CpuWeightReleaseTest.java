package io.diffusionad.backend.cpu;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Transfers;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.OpException;
import io.diffusionad.ops.Quantization;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A weight that may be released is, once packed copies serve, and convolves as before; whoever reads it afterwards is
 * told.
 */
class CpuWeightReleaseTest {
    private static final int OUTPUTS = 96;
    private static final int INPUTS = 160;

    private final Device device = new CpuDeviceProvider().open(0, new DeviceOptions(2, "own"));
    private final Arena arena = device.newArena("release");
    private Weight kept;
    private Weight given;

    @BeforeEach
    void makeTwins() {
        kept = weight(3);
        given = weight(3);
        given.allowRelease();
    }

    @AfterEach
    void close() {
        arena.close();
        device.close();
    }

    /** Other sizes make oneDNN want other layouts of the weight, which come from the packed copy. */
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "BFLOAT16"})
    void convolvesAsBeforeInEveryBatch(DType type) {
        for (int[] size : new int[][] {{1, 7, 9}, {2, 4, 4}, {3, 7, 9}, {8, 4, 4}, {1, 1, 1}, {2, 12, 5}, {1, 63, 1}}) {
            assertArrayEquals(
                    convolve(kept, type, size[0], size[1], size[2], 0, INPUTS),
                    convolve(given, type, size[0], size[1], size[2], 0, INPUTS));
            assertTrue(given.isReleased());
        }
        assertFalse(kept.isReleased());
    }

    @Test
    void partsOfAWeightAreReleasedWhenAllArePacked() {
        int head = 64;
        convolve(given, DType.FLOAT32, 1, 7, 7, 0, head);
        assertFalse(given.isReleased());
        float[] tail = convolve(given, DType.FLOAT32, 1, 7, 7, head, INPUTS - head);
        assertTrue(given.isReleased());
        assertArrayEquals(convolve(kept, DType.FLOAT32, 1, 7, 7, head, INPUTS - head), tail);
        assertArrayEquals(
                convolve(kept, DType.FLOAT32, 2, 7, 7, 0, head), convolve(given, DType.FLOAT32, 2, 7, 7, 0, head));
        String message = assertThrows(OpException.class, () -> convolve(given, DType.FLOAT32, 1, 7, 7, 0, INPUTS))
                .getMessage();
        assertTrue(
                message.contains("the weight's values were released") && message.contains("load the checkpoint again"),
                message);
    }

    @Test
    void theMemoryIsGivenBack() {
        Tensor large = arena.float32(512, 3, 3, 512);
        device.ops().fill(large, 1f);
        Weight w = new Weight("large", large);
        w.allowRelease();
        long address = large.address();
        w.release();
        // Discarded anonymous pages read as zeros.
        var pages = CpuNative.view(address, large.bytes());
        for (int page = 1; page < large.bytes() / 4096; page++) {
            assertTrue(pages.get(page * 4096) == 0 && pages.get(page * 4096 + 3) == 0, "page " + page);
        }
    }

    @Test
    void readersOfReleasedValuesAreTold() {
        convolve(given, DType.FLOAT32, 1, 7, 7, 0, INPUTS);
        String message = assertThrows(IllegalStateException.class, () -> Transfers.toFloats(device, given.value()))
                .getMessage();
        assertTrue(message.contains("float32[96,3,3,160]") && message.contains("load the checkpoint again"), message);
        assertThrows(IllegalStateException.class, () -> given.value().slice(0, 1));
        assertThrows(IllegalStateException.class, given::changed);
        Tensor x = image(DType.FLOAT32, 1, 7, 7, INPUTS);
        Tensor y = image(DType.FLOAT32, 1, 7, 7, OUTPUTS);
        assertThrows(
                IllegalStateException.class, () -> device.ops().conv2dBackwardData(x, y, given, Conv2d.of(3), false));
    }

    /** A size that Winograd's algorithm takes, which reads plain values in every call. */
    @Test
    void whatReadsPlainValuesKeepsThem() {
        float[] expected = convolve(kept, DType.FLOAT32, 1, 40, 40, 0, INPUTS);
        assertArrayEquals(expected, convolve(given, DType.FLOAT32, 1, 40, 40, 0, INPUTS));
        assertArrayEquals(expected, convolve(given, DType.FLOAT32, 1, 40, 40, 0, INPUTS));
        assertFalse(given.isReleased());
        convolve(given, DType.FLOAT32, 1, 7, 7, 0, INPUTS);
        String message = assertThrows(OpException.class, () -> convolve(given, DType.FLOAT32, 1, 40, 40, 0, INPUTS))
                .getMessage();
        assertTrue(message.contains("were released after another algorithm had packed them"), message);
    }

    @Test
    void anotherTypeThanThePackedOneIsRefused() {
        convolve(given, DType.BFLOAT16, 1, 7, 7, 0, INPUTS);
        Assumptions.assumeTrue(
                ((CpuOps) device.ops()).convolutionImplementations().contains("bf16"),
                "bfloat16 convolves in float32 here");
        assertThrows(OpException.class, () -> convolve(given, DType.FLOAT32, 1, 7, 7, 0, INPUTS));
    }

    @Test
    void int8CopiesNeedThePlainValues() {
        Assumptions.assumeTrue(
                device.gainsFromInt8(DType.FLOAT32, 3, 7, 7, INPUTS, OUTPUTS), "this processor has no AVX512-VNNI");
        Tensor x = arena.tensor(DType.UINT8, 1, 7, 7, INPUTS);
        Tensor y = arena.float32(1, 7, 7, OUTPUTS);
        device.ops().conv2dForwardQuantized(y, x, Quantization.covering(-1, 1), given, Epilogue.NONE, Conv2d.of(3));
        convolve(given, DType.FLOAT32, 1, 7, 7, 0, INPUTS);
        assertFalse(given.isReleased());
    }

    /**
     * Few and many tiles; Winograd's algorithm reads 8 bits from the place of the plain values, and their bits are
     * those that it finds in each call.
     */
    @Test
    void int8TakesThePlaceOfThePlainValues() {
        Assumptions.assumeTrue(device.computesInt8(), "this processor has no AVX2");
        for (int[] shape : new int[][] {{128, 64}, {64, 192}}) {
            Weight mine = new Weight("mine", random(arena.float32(shape[0], 3, 3, shape[1])));
            Weight theirs = new Weight("theirs", random(arena.float32(shape[0], 3, 3, shape[1])));
            theirs.allowRelease();
            long address = theirs.value().address();
            for (int size : new int[] {32, 44, 32}) {
                assertArrayEquals(convolveInt8(mine, 1, size, shape), convolveInt8(theirs, 1, size, shape));
                assertArrayEquals(convolveInt8(mine, 3, size, shape), convolveInt8(theirs, 3, size, shape));
                assertTrue(theirs.isReleased());
            }
            assertFalse(mine.isReleased());
            assertThrows(IllegalStateException.class, () -> Transfers.toFloats(device, theirs.value()));
            var words = CpuNative.view(address, 4L * shape[0] * 9 * shape[1]).order(java.nio.ByteOrder.nativeOrder());
            assertNotEquals(Transfers.toFloats(device, mine.value())[5], words.getFloat(20));
        }
    }

    /** A number of channels that does not fill the words: the plain values stay. */
    @Test
    void int8ThatDoesNotFitIntoThePlaceKeepsThePlainValues() {
        Assumptions.assumeTrue(device.computesInt8(), "this processor has no AVX2");
        int[] shape = {128, 66};
        Weight w = new Weight("w", random(arena.float32(shape[0], 3, 3, shape[1])));
        w.allowRelease();
        float[] first = convolveInt8(w, 1, 32, shape);
        assertFalse(w.isReleased());
        assertArrayEquals(first, convolveInt8(w, 1, 32, shape));
    }

    @Test
    void onlyTheOwnerPermitsIt() {
        assertThrows(IllegalStateException.class, kept::release);
        convolve(kept, DType.FLOAT32, 1, 7, 7, 0, INPUTS);
        assertFalse(kept.isReleased());
    }

    private Weight weight(int kernel) {
        Tensor values = arena.float32(OUTPUTS, kernel, kernel, INPUTS);
        fill(values);
        return new Weight("w", values);
    }

    private float[] convolve(Weight w, DType type, int n, int h, int width, int offset, int channels) {
        try (var scope = arena.scope()) {
            Tensor x = image(type, n, h, width, channels);
            Tensor y = image(type, n, h, width, OUTPUTS);
            device.ops().conv2dForward(y, x, w, Epilogue.NONE, Conv2d.of(3).withInputOffset(offset));
            return Transfers.toFloats(device, y);
        }
    }

    private float[] convolveInt8(Weight w, int n, int size, int... shape) {
        try (var scope = arena.scope()) {
            Tensor x = image(DType.FLOAT32, n, size, size, shape[1]);
            float[] values = Transfers.toFloats(device, x);
            for (int i = 0; i < values.length; i++) {
                values[i] = 255 * (values[i] + 0.5f);
            }
            Tensor bytes = arena.tensor(DType.UINT8, n, size, size, shape[1]);
            Transfers.upload(device, bytes, values);
            Tensor y = arena.float32(n, size, size, shape[0]);
            device.ops().conv2dForwardQuantized(y, bytes, Quantization.covering(-1, 1), w, Epilogue.NONE, Conv2d.of(3));
            return Transfers.toFloats(device, y);
        }
    }

    private Tensor random(Tensor tensor) {
        fill(tensor);
        return tensor;
    }

    private Tensor image(DType type, int n, int h, int width, int channels) {
        Tensor x = arena.tensor(type, n, h, width, channels);
        fill(x);
        return x;
    }

    /** The same values for the same shape. */
    private void fill(Tensor tensor) {
        PhiloxRandom random = new PhiloxRandom(5, Purpose.TEST, 0);
        float[] values = new float[(int) tensor.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        Transfers.upload(device, tensor, values);
    }
}
