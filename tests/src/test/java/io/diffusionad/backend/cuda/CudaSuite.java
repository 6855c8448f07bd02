package io.diffusionad.backend.cuda;

import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import java.util.Arrays;
import java.util.List;

/**
 * Runs the tests of the CUDA backend where no build tool is, as on a machine with nothing but a card. Arguments: simple
 * names of classes; none for all. The last line says how many passed.
 */
public final class CudaSuite implements TestExecutionListener {
    private static final String HERE = CudaSuite.class.getPackageName() + ".";
    private static final List<String> TESTS = List.of(
            HERE + "KernelTableTest",
            HERE + "CudaUnavailableTest",
            HERE + "TwoCardsTest",
            HERE + "CudaFailureTest",
            HERE + "CudaMemoryTest",
            HERE + "CudaOperationTableTest",
            HERE + "CudaConvolutionTest",
            HERE + "CudaLibrariesTest",
            HERE + "KernelTunerTest",
            HERE + "WgmmaConvolutionTest",
            HERE + "WgmmaWeightsTest",
            HERE + "CudaRecordingTest",
            HERE + "CudaNetworksTest",
            HERE + "CudaTrainingTest",
            "io.diffusionad.app.CudaCommandLineTest");

    private int passed;
    private int skipped;
    private int failed;

    private CudaSuite() {}

    public static void main(String[] names) {
        List<? extends DiscoverySelector> selected = TESTS.stream()
                .filter(test ->
                        names.length == 0 || Arrays.asList(names).contains(test.substring(test.lastIndexOf('.') + 1)))
                .map(DiscoverySelectors::selectClass)
                .toList();
        CudaSuite results = new CudaSuite();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selected)
                                .build(),
                        results);
        System.out.println(results.passed + " passed, " + results.failed + " failed, " + results.skipped + " skipped");
        System.exit(results.failed == 0 && results.passed > 0 ? 0 : 1);
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        skipped++;
        System.out.println("skipped " + test.getDisplayName() + ": " + reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        switch (result.getStatus()) {
            case SUCCESSFUL -> passed += test.isTest() ? 1 : 0;
            case ABORTED ->
                executionSkipped(
                        test, result.getThrowable().map(Throwable::getMessage).orElse("an assumption does not hold"));
            case FAILED -> {
                failed++;
                System.out.println("FAILED " + test.getDisplayName());
                result.getThrowable().ifPresent(cause -> cause.printStackTrace(System.out));
            }
        }
    }
}
