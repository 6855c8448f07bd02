package io.diffusionad.backend.cuda;

import io.diffusionad.backend.cuda.LibraryChoice.Result;
import io.diffusionad.backend.cuda.LibraryChoice.Way;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.device.Recording;
import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.cases.OperationTable;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Convolutions by cuBLAS and cuDNN, through unmodified JCuda: on a card with both libraries, or on the emulated driver
 * with its stand-ins, which are strict about types, layouts, workspace, determinism and what is left undestroyed. Where
 * {@code -Ddiffusionad.cuda.libraries.expected=true} says that they are there, their absence is a failure.
 */
@RequiresCuda
class CudaLibrariesTest {
    private static final Map<String, Device> DEVICES = new LinkedHashMap<>();

    @BeforeAll
    static void open() {
        List<String> providers = installed();
        assumeTrue(!providers.isEmpty(), "neither cuBLAS 12 nor cuDNN 9 is on the library path");
        Stream.concat(Stream.of("own", "auto"), providers.stream())
                .forEach(name -> DEVICES.put(name, Devices.open("cuda", new DeviceOptions(0, name))));
    }

    /** The libraries to test, each for itself: one that is missing keeps nobody from testing the other. */
    static List<String> installed() {
        boolean expected = Boolean.getBoolean("diffusionad.cuda.libraries.expected");
        return Stream.of(Map.entry("cublas", OptionalLibrary.CUBLAS), Map.entry("cudnn", OptionalLibrary.CUDNN))
                .filter(library -> expected || library.getValue().isInstalled())
                .map(Map.Entry::getKey)
                .toList();
    }

    private static void require(String... providers) {
        assumeTrue(
                installed().containsAll(List.of(providers)),
                String.join(" and ", providers) + " must be on the library path");
    }

    /** The emulated driver and libraries refuse to close over what is left behind. */
    @AfterAll
    static void close() {
        DEVICES.values().forEach(Device::close);
        DEVICES.clear();
    }

    /** 1x1 convolutions for cuBLAS, all for cuDNN; each named library serves every one that it can. */
    static Stream<Arguments> convolutions() {
        List<OperationCase> all = OperationTable.selected().stream()
                .filter(operation -> operation.operation().startsWith("conv2d") && !operation.isInt8())
                .toList();
        return installed().stream().flatMap(provider -> all.stream()
                .filter(operation ->
                        provider.equals("cudnn") || operation.name().contains("kernel 1"))
                .flatMap(operation -> operation.precisions().stream()
                        .map(precision -> Arguments.of(provider, operation, precision))));
    }

    @ParameterizedTest(name = "{0}: {1} {2}")
    @MethodSource("convolutions")
    void agreesWithReference(String provider, OperationCase operation, DType precision) {
        operation.check(DEVICES.get(provider), precision, OperationTable.SEED);
    }

    /**
     * The stand-ins add in double and real libraries in an order of their own: other bits show that it was not our
     * kernel that computed.
     */
    @ParameterizedTest
    @MethodSource("installed")
    void aNamedLibraryComputes(String provider) {
        float[] own = convolve("own", "estimate");
        float[] library = convolve(provider, "estimate");
        assertFalse(Arrays.equals(own, library));
        double difference = 0;
        for (int i = 0; i < own.length; i++) {
            difference = Math.max(difference, Math.abs(own[i] - library[i]));
        }
        assertTrue(difference <= 1e-4, "differs by " + difference);
    }

    @Test
    void withoutMeasuringAutoStaysWithOurKernels() {
        assertArrayEquals(convolve("own", "estimate"), convolve("auto", "estimate"));
    }

    private static float[] convolve(String providers, String tuning) {
        try (CudaFixture cuda = fixture(providers, tuning)) {
            Tensor x = cuda.normal(1, DType.FLOAT32, 2, 6, 5, 96);
            Weight w = new Weight("w", cuda.normal(0.1, DType.FLOAT32, 20, 1, 1, 96));
            Tensor y = cuda.arena.float32(2, 6, 5, 20);
            cuda.device.ops().conv2dForward(y, x, w, Epilogue.NONE, Conv2d.of(1));
            return cuda.read(y);
        }
    }

    private static CudaFixture fixture(String providers, String tuning) {
        String before = System.getProperty("diffusionad.cuda.tuning", "measure");
        System.setProperty("diffusionad.cuda.tuning", tuning);
        try {
            return new CudaFixture(new DeviceOptions(0, providers));
        } finally {
            System.setProperty("diffusionad.cuda.tuning", before);
        }
    }

    /**
     * Every direction and type that cuDNN serves has a plan with a workspace, and what it cannot serve well has none.
     */
    @Test
    void cudnnPlansWhatItServes() {
        require("cudnn");
        try (CudaFixture cuda = new CudaFixture(DeviceOptions.DEFAULT);
                Parts parts = new Parts("cudnn", null)) {
            CudnnConvolutions cudnn = parts.libraries.convolutions().orElseThrow();
            for (DType dtype : List.of(DType.FLOAT32, DType.BFLOAT16)) {
                Tensor x = cuda.arena.tensor(dtype, 2, 7, 5, 24);
                Tensor y = cuda.arena.tensor(dtype, 2, 4, 3, 40);
                for (CudnnPlan.Direction direction : CudnnPlan.Direction.values()) {
                    boolean expected = dtype == DType.FLOAT32 || direction != CudnnPlan.Direction.BACKWARD_WEIGHTS;
                    assertEquals(
                            expected,
                            cudnn.plan(direction, x, y, 24, Conv2d.of(3, 2)).isPresent(),
                            direction + " " + dtype);
                }
                assertEquals(
                        dtype == DType.BFLOAT16,
                        cudnn.plan(CudnnPlan.Direction.FORWARD, x, y, 30, Conv2d.of(3, 2))
                                .isPresent(),
                        "a range of channels");
            }
            Tensor mixed = cuda.arena.float32(2, 7, 5, 40);
            assertTrue(cudnn.plan(
                            CudnnPlan.Direction.FORWARD,
                            cuda.arena.tensor(DType.BFLOAT16, 2, 7, 5, 24),
                            mixed,
                            24,
                            Conv2d.of(3))
                    .isEmpty());
        }
    }

    /** A captured library call reads, at each replay, what tensors and weights hold then. */
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "BFLOAT16"})
    void recordedCallsReplay(DType dtype) {
        require("cudnn");
        try (CudaFixture cuda = new CudaFixture(new DeviceOptions(0, "cudnn"))) {
            Tensor x = cuda.normal(1, dtype, 2, 6, 6, 32);
            Tensor y = cuda.arena.tensor(dtype, 2, 6, 6, 16);
            Weight w = new Weight("w", cuda.normal(0.1, DType.FLOAT32, 16, 3, 3, 32));
            Epilogue epilogue = Epilogue.bias(cuda.normal(1, DType.FLOAT32, 16)).withActivation(Activation.SILU);
            Runnable convolution = () -> cuda.device.ops().conv2dForward(y, x, w, epilogue, Conv2d.of(3));
            try (Recording recording = cuda.device.record(convolution)) {
                float[] first = cuda.read(y);
                cuda.fill(x, 1);
                cuda.fill(w.value(), 0.1);
                w.changed();
                recording.replay();
                float[] replayed = cuda.read(y);
                assertFalse(Arrays.equals(first, replayed));
                convolution.run();
                assertArrayEquals(cuda.read(y), replayed);
            }
        }
    }

    /** A device's parts under a choice that measures. */
    private static final class Parts implements AutoCloseable {
        final CudaContext context = new CudaContext(0);
        final CudaMemory memory = new CudaMemory(context, "cuda:0");
        final GpuProperties gpu = GpuProperties.of(0);
        final KernelModules modules = new KernelModules(gpu, KernelTable.load());
        final CudaLibraries libraries;
        final KernelTuner tuner;
        final LibraryChoice choice;

        Parts(String providers, Path cacheFile) {
            libraries = CudaLibraries.open(providers, context.stream(), false);
            TuningCache cache = new TuningCache(cacheFile);
            Launch launch = new Launch(context, modules, gpu.multiprocessors());
            tuner = new KernelTuner(context, gpu, memory, launch, cache, true);
            choice = new LibraryChoice(libraries, context, memory, launch, tuner, cache, false);
        }

        @Override
        public void close() {
            libraries.close();
            modules.close();
            context.close();
        }
    }

    private static final Result RESULT = new Result("a problem", 64, DType.FLOAT32, 100);

    /**
     * Ways that copy 64 numbers to where the result goes; ours does so many times over, so that any other is faster.
     */
    private static Way copying(String name, CudaFixture cuda, Tensor from, int times) {
        LongConsumer copy = target -> {
            for (int i = 0; i < times; i++) {
                JCudaDriver.cuMemcpyDtoD(DevicePointer.of(target), DevicePointer.of(from.address()), from.bytes());
            }
            cuda.device.synchronize();
        };
        return new Way(name, copy);
    }

    private static Tensor numbers(CudaFixture cuda, float value) {
        Tensor tensor = cuda.arena.float32(64);
        cuda.device.ops().fill(tensor, value);
        cuda.device.synchronize();
        return tensor;
    }

    @Test
    void aLibraryThatAgreesAndIsFasterIsChosenAndRemembered(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("choices.tsv");
        try (CudaFixture cuda = new CudaFixture(DeviceOptions.DEFAULT);
                Parts parts = new Parts("auto", file)) {
            List<Way> ways = List.of(
                    copying("own", cuda, numbers(cuda, 3), 2000),
                    copying("library", cuda, numbers(cuda, Math.nextUp(3f)), 1));
            assertEquals("library", parts.choice.choose(RESULT, ways).name());
            assertEquals(List.of("own|library a problem\tlibrary"), Files.readAllLines(file));
            parts.tuner.pause(true);
            assertEquals(
                    "library", parts.choice.choose(RESULT, ways).name(), "while recording, what is remembered is used");
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {3.01f, Float.NaN, Float.POSITIVE_INFINITY, 0})
    void aLibraryThatDoesNotAgreeIsNever(float wrong, @TempDir Path folder) throws Exception {
        Path file = folder.resolve("choices.tsv");
        try (CudaFixture cuda = new CudaFixture(DeviceOptions.DEFAULT);
                Parts parts = new Parts("auto", file)) {
            List<Way> ways = List.of(
                    copying("own", cuda, numbers(cuda, 3), 2000), copying("library", cuda, numbers(cuda, wrong), 1));
            assertEquals("own", parts.choice.choose(RESULT, ways).name());
            assertEquals(List.of("own|library a problem\town"), Files.readAllLines(file));
        }
    }

    /** As of weights that start at zero: the problem is compared again when there is something to compare. */
    @ParameterizedTest
    @ValueSource(floats = {0, Float.NaN})
    void aResultThatSaysNothingDecidesNothing(float value, @TempDir Path folder) {
        Path file = folder.resolve("choices.tsv");
        try (CudaFixture cuda = new CudaFixture(DeviceOptions.DEFAULT);
                Parts parts = new Parts("auto", file)) {
            List<Way> ways = List.of(
                    copying("own", cuda, numbers(cuda, value), 2000),
                    copying("library", cuda, numbers(cuda, value), 1));
            assertEquals("own", parts.choice.choose(RESULT, ways).name());
            assertFalse(Files.exists(file));
        }
    }

    @Test
    void namesCarryVersions() {
        require("cublas", "cudnn");
        try (Parts parts = new Parts("auto", null)) {
            assertTrue(parts.libraries.products().orElseThrow().name().matches("cublas[0-9]+"));
            assertTrue(parts.libraries.convolutions().orElseThrow().name().matches("cudnn9[0-9]+"));
            assertNotEquals(
                    parts.libraries.products().get().name(),
                    parts.libraries.convolutions().get().name());
        }
    }
}
