package io.diffusionad.data;

/**
 * An endless, repeatable sequence of training samples: {@code sample(i)} depends on the source's seed and i alone, so
 * that a resumed run goes on with exactly the samples that an uninterrupted one would have seen. Implementations are
 * thread-safe.
 */
public interface SampleSource {
    /** Sample number {@code index} ≥ 0. */
    TrainingSample sample(long index);
}
