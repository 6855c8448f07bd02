package io.diffusionad.verify;

import java.util.List;

/**
 * The outcome of a replay.
 *
 * @param results in the order in which they were computed
 * @param skipped names of the files that hold nothing known here
 */
public record VerifyReport(List<VerifyResult> results, List<String> skipped) {
    /** Whether something was compared and all of it passed. */
    public boolean passed() {
        return !results.isEmpty() && failures().isEmpty();
    }

    public List<VerifyResult> failures() {
        return results.stream().filter(result -> !result.passed()).toList();
    }
}
