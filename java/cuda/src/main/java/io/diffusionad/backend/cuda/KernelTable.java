package io.diffusionad.backend.cuda;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The table {@code kernels.tsv} that the build writes beside the fatbins: which file holds which kernel, and what the
 * assembler reported of it on every architecture.
 */
public final class KernelTable {
    private static final String RESOURCE = "/kernels/kernels.tsv";

    /**
     * One kernel on one architecture.
     *
     * @param architecture as the assembler names it: {@code sm_90a}
     * @param registers a thread
     * @param sharedBytes static shared memory of a block
     * @param stackBytes local memory of a thread
     * @param spillBytes bytes of spill loads and stores in the code
     */
    public record Entry(
            String module,
            String kernel,
            String architecture,
            int registers,
            int sharedBytes,
            int stackBytes,
            int spillBytes) {}

    private final List<Entry> entries;
    private final Map<String, String> modules = new HashMap<>();
    private final int toolkitMajor;
    private final int oldestArchitecture;

    private KernelTable(List<Entry> entries, int toolkitMajor) {
        this.entries = List.copyOf(entries);
        this.toolkitMajor = toolkitMajor;
        entries.forEach(entry -> modules.put(entry.kernel(), entry.module()));
        this.oldestArchitecture = entries.stream()
                .mapToInt(entry -> number(entry.architecture()))
                .min()
                .orElse(Integer.MAX_VALUE);
    }

    /** Whether this build holds CUDA kernels. */
    static boolean isPresent() {
        return KernelTable.class.getResource(RESOURCE) != null;
    }

    /** @throws IllegalStateException when the build holds no kernels */
    public static KernelTable load() {
        try (InputStream in = KernelTable.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("this build has no CUDA kernels (" + RESOURCE + " is missing)");
            }
            return parse(new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .lines()
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + RESOURCE, e);
        }
    }

    private static KernelTable parse(List<String> lines) {
        String toolkit = lines.get(0).substring("# toolkit ".length());
        List<Entry> entries = new ArrayList<>();
        for (String line : lines.subList(2, lines.size())) {
            String[] cells = line.split("\t");
            entries.add(new Entry(
                    cells[0],
                    cells[1],
                    cells[2],
                    Integer.parseInt(cells[3]),
                    Integer.parseInt(cells[4]),
                    Integer.parseInt(cells[5]),
                    Integer.parseInt(cells[6]) + Integer.parseInt(cells[7])));
        }
        return new KernelTable(entries, Integer.parseInt(toolkit.substring(0, toolkit.indexOf('.'))));
    }

    public List<Entry> entries() {
        return entries;
    }

    /** Major version of the toolkit that compiled the kernels: the driver must know it. */
    int toolkitMajor() {
        return toolkitMajor;
    }

    /** Lowest compute capability with any kernel, times ten; later cards than all of them run the packed PTX. */
    int oldestArchitecture() {
        return oldestArchitecture;
    }

    /** Whether there is machine code of a kernel for an architecture, named as in {@link Entry#architecture()}. */
    boolean holds(String kernel, String architecture) {
        return entries.stream()
                .anyMatch(entry ->
                        entry.kernel().equals(kernel) && entry.architecture().equals(architecture));
    }

    /** The file that holds a kernel. */
    String module(String kernel) {
        String module = modules.get(kernel);
        if (module == null) {
            throw new IllegalStateException("this build has no kernel " + kernel);
        }
        return module;
    }

    private static int number(String architecture) {
        return Integer.parseInt(architecture.replaceAll("\\D", ""));
    }
}
