package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.data.EveryFile;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.mask.UsableTestSet;
import io.diffusionad.error.InvalidInputException;
import picocli.CommandLine.Option;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What happens where test images cannot be used. */
final class DamagedChoice {
    private static final int NAMED = 10;

    @Option(
            names = "--skip-damaged",
            description =
                    "Go on without test images that cannot be read or used, and say so in the report (default: name them and "
                            + "stop).")
    private boolean skip;

    private final List<String> skipped = new ArrayList<>();

    /**
     * @throws InvalidInputException naming the images that cannot be used, unless they may be skipped and others are
     *     left
     */
    void settle(UsableTestSet set, Console console) {
        Map<TestImage, String> problems = set.problems();
        int all = problems.size() + set.category().test().size();
        if (!skip || set.category().test().isEmpty()) {
            EveryFile.requireNone(
                    problems.values(),
                    all,
                    "test images",
                    skip ? "" : ", or add --skip-damaged to evaluate the others");
        }
        problems.values().forEach(problem -> console.note("skipped: %s", problem));
        if (!problems.isEmpty()) {
            skipped.add(set.category().name() + ": " + problems.size() + " of " + all
                    + " test images cannot be used and are not part of any number here: "
                    + problems.keySet().stream()
                            .limit(NAMED)
                            .map(image -> image.image().toString())
                            .collect(Collectors.joining(", "))
                    + (problems.size() > NAMED ? " and " + (problems.size() - NAMED) + " more" : "") + ".");
        }
    }

    /** A sentence for the report for each category that lacks images. */
    List<String> skipped() {
        return skipped;
    }
}
