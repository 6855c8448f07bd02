package io.diffusionad.backend.cuda;

import java.util.List;

/**
 * What {@link KernelTuner} chooses a kernel for.
 *
 * @param <K> its kernels
 */
interface TunableProblem<K extends TunableKernel> {
    /** For tables and caches: sizes in one word. */
    String key();

    /** The kernel that is likely fastest, where nothing may be measured. */
    K estimate(List<K> kernels, int multiprocessors);
}
