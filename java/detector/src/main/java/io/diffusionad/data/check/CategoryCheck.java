package io.diffusionad.data.check;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What was found in a category.
 *
 * @param name of the category
 * @param train pictures
 * @param validation pictures
 * @param goodTest good pictures of the test set
 * @param defects pictures of the test set by kind of defect
 * @param sizes of the pictures, most frequent first
 * @param depths of the pictures, most frequent first
 * @param masks how masks are read; empty when there are none
 * @param scale what is left at the asked size; null when nothing could be read
 * @param findings in the order of their kinds
 * @param notes what is left out on purpose, and why
 */
public record CategoryCheck(
        String name,
        int train,
        int validation,
        int goodTest,
        Map<String, Integer> defects,
        String sizes,
        String depths,
        String masks,
        Coverage scale,
        List<Finding> findings,
        List<String> notes) {
    public CategoryCheck {
        findings = List.copyOf(findings);
        notes = List.copyOf(notes);
    }

    /** "209 train, 20 good and 63 defective test pictures (broken 20, scratch 43)". */
    public String counts() {
        return DatasetSummary.counts(train, validation, goodTest, defects);
    }

    public Map<Finding.Kind, List<Finding>> findingsByKind() {
        return findings.stream()
                .collect(Collectors.groupingBy(Finding::kind, java.util.TreeMap::new, Collectors.toList()));
    }
}
