package io.diffusionad.backend.cuda;

import io.diffusionad.app.Main;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.DeviceUnavailableException;
import io.diffusionad.device.Devices;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What a user reads when there is no card, or not the right one: one sentence with the way out, from a fresh process
 * each time. The emulated driver stands in for the wrong cards.
 */
@RequiresCuda
class CudaUnavailableTest {
    @TempDir
    private Path temporary;

    @Test
    void withoutADriverTheCauseIsNamedAndNothingIsUnpacked() throws Exception {
        assumeEmulated();
        String output = probe("cuda", 1, Map.of("LD_LIBRARY_PATH", ""));
        assertEquals(
                "DeviceUnavailableException: device cuda is not available: no NVIDIA driver was found (libcuda.so.1 is on no library path): "
                        + "install the driver of your graphics card",
                output);
        try (Stream<Path> files = Files.list(temporary)) {
            assertEquals(
                    0,
                    files.filter(file -> file.getFileName().toString().contains("jcuda"))
                            .count());
        }
    }

    @Test
    void aDamagedDriverIsNamedWithWhatTheLoaderSays() throws Exception {
        assumeEmulated();
        Path damaged = Files.writeString(temporary.resolve("libcuda.so.1"), "no library");
        assertEquals(
                "DeviceUnavailableException: device cuda is not available: the NVIDIA driver is there but JCuda cannot be bound to it ("
                        + damaged + ": file too short): install the driver again",
                probe("cuda", 1, Map.of("LD_LIBRARY_PATH", temporary.toString())));
    }

    @Test
    void nativesOfJCudaLeaveNothingBehind() throws Exception {
        assertTrue(probe("cuda", 1, Map.of()).startsWith("opened "));
        try (Stream<Path> files = Files.list(temporary)) {
            assertEquals(
                    0,
                    files.filter(file -> file.getFileName()
                                    .toString()
                                    .toLowerCase(Locale.ROOT)
                                    .contains("jcuda"))
                            .count());
        }
    }

    @Test
    void anOldDriverIsNamedWithItsVersion() throws Exception {
        assumeEmulated();
        assertEquals(
                "DeviceUnavailableException: device cuda is not available: the NVIDIA driver supports CUDA 11.8, "
                        + "the kernels of this build need CUDA 13.0: update the driver",
                probe("cuda", 1, Map.of("EMULATOR_DRIVER_VERSION", "11080")));
    }

    @Test
    void anOldCardIsNamedWithItsCapability() throws Exception {
        assumeEmulated();
        String output = probe("cuda", 1, Map.of("EMULATOR_COMPUTE_CAPABILITY", "6.1"));
        assertTrue(output.startsWith("DeviceUnavailableException: device cuda is not available: emulated GPU"), output);
        assertTrue(
                output.contains("compute capability 6.1, the kernels of this build need ")
                        && output.endsWith("use --device cpu"),
                output);
    }

    @Test
    void anIndexThatDoesNotExistIsRefused() throws Exception {
        assumeEmulated();
        assertEquals(
                "DeviceUnavailableException: device cuda:7 is not available: this machine has cuda:0",
                probe("cuda:7", 1, Map.of()));
    }

    @Test
    void aLibraryThatIsNotInstalledIsNamed() {
        assumeTrue(
                !OptionalLibrary.CUBLAS.isInstalled() && !OptionalLibrary.CUDNN.isInstalled(),
                "NVIDIA's libraries are installed here");
        assertEquals(
                "--providers cublas: libcublas.so.12 is not installed: install cuBLAS of CUDA 12 or use --providers own",
                refusal("cublas"));
        assertEquals(
                "--providers cudnn: libcudnn.so.9 is not installed: install cuDNN 9 or use --providers own",
                refusal("cudnn"));
        try (Device device = Devices.open("cuda", new DeviceOptions(0, "auto"))) {
            assertEquals("cuda:0", device.name());
        }
    }

    @Test
    void providersThatDoNotExistAreRefused() {
        assertEquals("there is no provider 'rocm': use own, cublas, cudnn or auto", refusal("rocm"));
    }

    private static String refusal(String providers) {
        return assertThrows(
                        DeviceUnavailableException.class, () -> Devices.open("cuda", new DeviceOptions(0, providers)))
                .getMessage();
    }

    @Test
    void tooLittleMemorySaysHowMuchAndWhatToChange() throws Exception {
        assumeEmulated();
        String output = probe("cuda", 300, Map.of("EMULATOR_MEMORY_MIB", "256"));
        assertTrue(
                output.startsWith(
                        "OutOfDeviceMemoryException: cuda:0 could not supply 300 MiB (CUDA_ERROR_OUT_OF_MEMORY; "),
                output);
        assertTrue(output.contains("choose a smaller batch"), output);
    }

    @Test
    void kernelsWithoutCodeForTheCardNameTheSettingThatMakesIt() throws Exception {
        assumeEmulated();
        String output = probe("cuda", 1, Map.of("EMULATOR_MODULE_STATUS", "209"));
        assertTrue(
                output.matches(
                        "DeviceUnavailableException: the kernels of this build \\(\\w+\\) were not compiled for emulated GPU.* "
                                + "\\(compute capability \\d+\\.\\d\\): build with -DDIFFUSIONAD_CUDA_ARCHS=\\d+ or use --device cpu"),
                output);
    }

    @Test
    void autoGoesOnWithTheProcessorAndSaysWhy() throws Exception {
        assumeEmulated();
        String output = probe("auto", 1, Map.of("EMULATOR_MODULE_STATUS", "209"));
        assertTrue(
                output.matches(
                        "(?s).*device auto does without cuda: the kernels of this build.*\\Ropened (?!emulated GPU).*"),
                output);
    }

    @Test
    void infoTellsWhyACardThatIsThereCannotBeUsed() throws Exception {
        assumeEmulated();
        String output =
                FreshJvm.output(temporary, Map.of("EMULATOR_MODULE_STATUS", "209"), Main.class.getName(), "info");
        assertTrue(output.contains("cuda: not available: the kernels of this build"), output);
        assertTrue(output.contains("cpu: ") && output.contains("--device auto takes: cpu"), output);
    }

    /** A card that drives the screen may be too old beside one that computes. */
    @Test
    void anOldCardDoesNotHideAnother() {
        KernelTable table = KernelTable.load();
        GpuProperties old = new GpuProperties("old", 35, 2, 48 << 10, 1L << 30);
        GpuProperties working = new GpuProperties("working", 80, 108, 163 << 10, 40L << 30);
        assertEquals(Optional.empty(), GpuProperties.unsupportedCause(List.of(old, working), table));
        assertTrue(GpuProperties.unsupportedCause(List.of(old, old), table)
                .orElseThrow()
                .startsWith("old has compute capability 3.5"));
    }

    @Test
    void kernelsThatAnOldDriverCannotReadSayUpdate() throws Exception {
        assumeEmulated();
        String output = probe("cuda", 1, Map.of("EMULATOR_MODULE_STATUS", "222"));
        assertTrue(
                output.startsWith(
                        "DeviceUnavailableException: the NVIDIA driver is too old for the kernels of this build ("),
                output);
        assertTrue(
                output.endsWith("CUDA_ERROR_UNSUPPORTED_PTX_VERSION): update the driver or use --device cpu"), output);
    }

    /** A real driver cannot be told to be old, small or absent. */
    private static void assumeEmulated() {
        assumeTrue(GpuProperties.of(0).name().contains("emulated"), "only the emulated driver can play this machine");
    }

    private String probe(String device, int mebibytes, Map<String, String> environment)
            throws IOException, InterruptedException {
        return FreshJvm.output(
                temporary, environment, DeviceProbe.class.getName(), device, Integer.toString(mebibytes));
    }
}
