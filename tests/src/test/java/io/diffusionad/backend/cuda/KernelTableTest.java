package io.diffusionad.backend.cuda;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Holds the compiled kernels to their resources: the assembler's report of every kernel on every architecture of this build. */
class KernelTableTest {
    private static List<KernelTable.Entry> entries;

    @BeforeAll
    static void load() {
        assumeTrue(KernelTable.isPresent(), "this build has no CUDA kernels");
        entries = KernelTable.load().entries();
    }

    @Test
    void noKernelSpillsRegisters() {
        assertEquals(List.of(), entries.stream().filter(entry -> entry.spillBytes() > 0).toList());
    }

    /** Arrays that are indexed at run time lie in local memory. The float64 sine reduces large angles with one such table; nothing else may. */
    @Test
    void noKernelUsesLocalMemory() {
        assertEquals(List.of(), entries.stream().filter(entry -> entry.stackBytes() > 0 && !entry.kernel().equals("timestep_embedding")).toList());
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
        Map<String, Map<String, Set<String>>> kernels = entries.stream().collect(Collectors.groupingBy(KernelTable.Entry::module,
                Collectors.groupingBy(KernelTable.Entry::architecture, Collectors.mapping(KernelTable.Entry::kernel, Collectors.toSet()))));
        kernels.forEach((module, byArchitecture) -> assertEquals(1, Set.copyOf(byArchitecture.values()).size(), module));
        assertFalse(kernels.isEmpty());
    }

    @Test
    void convolutionTilesAreCompiled() {
        KernelTable table = KernelTable.load();
        for (List<ConvolutionKernel> tiles : List.of(ConvolutionKernel.BF16, ConvolutionKernel.BF16_TO_F32, ConvolutionKernel.TF32)) {
            for (ConvolutionKernel tile : tiles) {
                assertTrue(tile.name().startsWith(table.module(tile.name())), tile.name());
            }
        }
    }

    /** Instructions of one architecture: the others, and cards to come, must not be offered them. */
    @Test
    void warpgroupKernelsAreCompiledForHopperAlone() {
        boolean hopper = entries.stream().anyMatch(entry -> entry.architecture().equals("sm_90a"));
        for (ConvolutionKernel tile : ConvolutionKernel.BF16_WGMMA) {
            assertEquals(hopper ? List.of("sm_90a") : List.of(),
                    entries.stream().filter(entry -> entry.kernel().equals(tile.name())).map(KernelTable.Entry::architecture).toList(), tile.name());
        }
    }
}
