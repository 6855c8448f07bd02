package io.diffusionad.backend.cuda;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Holds the compiled kernels to their resources: the assembler's report of every kernel on every architecture of this
 * build.
 */
class KernelTableTest {
    private static List<KernelTable.Entry> entries;

    @BeforeAll
    static void load() {
        assumeTrue(KernelTable.isPresent(), "this build has no CUDA kernels");
        entries = KernelTable.load().entries();
    }

    @Test
    void noKernelSpillsRegisters() {
        assertEquals(
                List.of(),
                entries.stream().filter(entry -> entry.spillBytes() > 0).toList());
    }

    /**
     * Arrays that are indexed at run time lie in local memory. The float64 sine reduces large angles with one such
     * table; nothing else may.
     */
    @Test
    void noKernelUsesLocalMemory() {
        assertEquals(
                List.of(),
                entries.stream()
                        .filter(entry ->
                                entry.stackBytes() > 0 && !entry.kernel().equals("timestep_embedding"))
                        .toList());
    }

    @Test
    void everyKernelKeepsWithinABlocksRegistersAndStaticSharedMemory() {
        for (KernelTable.Entry entry : entries) {
            assertTrue(entry.registers() >= 8 && entry.registers() <= 255, entry::toString);
            assertTrue(entry.sharedBytes() <= 48 << 10, entry::toString);
        }
    }

    /** A kernel that is missing on one architecture would fail there at the first launch. */
    @Test
    void everyModuleHoldsTheSameKernelsOnEachOfItsArchitectures() {
        Map<String, Map<String, Set<String>>> kernels = entries.stream()
                .collect(Collectors.groupingBy(
                        KernelTable.Entry::module,
                        Collectors.groupingBy(
                                KernelTable.Entry::architecture,
                                Collectors.mapping(KernelTable.Entry::kernel, Collectors.toSet()))));
        kernels.forEach((module, byArchitecture) ->
                assertEquals(1, Set.copyOf(byArchitecture.values()).size(), module));
        assertFalse(kernels.isEmpty());
    }

    @Test
    void convolutionTilesAreCompiled() {
        KernelTable table = KernelTable.load();
        WeightsProblem small = new WeightsProblem(1, 8, 8, 8, 8, 8, 8, 3, 1);
        WeightsProblem large = new WeightsProblem(1, 8, 8, 128, 8, 8, 128, 3, 1);
        Stream<TunableKernel> weights = Stream.of(
                WeightsKernel.bf16(small),
                WeightsKernel.bf16(large),
                WeightsKernel.TF32,
                WeightsKernel.ffma(true, true, 32),
                WeightsKernel.ffma(true, true, 64),
                WeightsKernel.ffma(true, false, 32),
                WeightsKernel.ffma(false, true, 32),
                WeightsKernel.ffma(false, false, 32));
        Stream<TunableKernel> gather = Stream.of(
                        ConvolutionKernel.BF16, ConvolutionKernel.BF16_TO_F32, ConvolutionKernel.TF32)
                .flatMap(List::stream);
        Stream<TunableKernel> ffma = Stream.of(32, 64).flatMap(k -> Stream.of(true, false)
                .flatMap(vectors -> Stream.of(
                        ConvolutionKernel.ffma(true, true, vectors, k),
                                ConvolutionKernel.ffma(false, false, vectors, k),
                        ConvolutionKernel.ffma(true, false, false, k), ConvolutionKernel.ffma(false, true, false, k))));
        Stream.of(gather, ffma, weights)
                .flatMap(Function.identity())
                .forEach(kernel -> assertTrue(kernel.name().startsWith(table.module(kernel.name())), kernel.name()));
    }

    /** Instructions of one architecture: the others, and cards to come, must not be offered them. */
    @Test
    void warpgroupKernelsAreCompiledForHopperAlone() {
        boolean hopper = entries.stream().anyMatch(entry -> entry.architecture().equals("sm_90a"));
        Stream.of(ConvolutionKernel.BF16_WGMMA, WeightsKernel.BF16_WGMMA)
                .flatMap(List::stream)
                .forEach(tile -> assertEquals(
                        hopper ? List.of("sm_90a") : List.of(),
                        entries.stream()
                                .filter(entry -> entry.kernel().equals(tile.name()))
                                .map(KernelTable.Entry::architecture)
                                .toList(),
                        tile.name()));
    }
}
