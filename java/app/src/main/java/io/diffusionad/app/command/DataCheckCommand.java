package io.diffusionad.app.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.console.Progress;
import io.diffusionad.data.Category;
import io.diffusionad.data.Dataset;
import io.diffusionad.data.check.CategoryCheck;
import io.diffusionad.data.check.DatasetCheck;
import io.diffusionad.data.check.Finding;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.Preparation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code data check}: what a data set holds, and what in it does not fit. */
@Command(
        name = "check",
        sortOptions = false,
        description = {
            "Looks at every picture and mask of a data set: what the folder is taken for, how many pictures of which kind it holds,",
            "and which of them cannot be read, differ from the rest, come twice, are dark, mark nothing, or are not used."
        },
        footer = {
            "",
            "Examples:",
            "  diffusionad data check mvtec/bottle",
            "  diffusionad data check parts.csv --image-size 512",
            "  diffusionad data check datasets/visa --category pcb1,pcb2 --json | jq '.categories[].findings[].file'",
            "",
            "Exit codes: 0 nothing to look at, 1 something was found, 2 the data cannot be used at all."
        })
final class DataCheckCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(
            paramLabel = "DATA",
            description = "A data set's folder, a category's, a folder of good pictures, or a manifest (.csv, .jsonl).")
    private Path data;

    @Option(
            names = {"-c", "--category"},
            paramLabel = "NAME",
            split = ",",
            description = "Which of the data set's categories (default: all).")
    private List<String> names;

    @Option(
            names = "--image-size",
            paramLabel = "PIXELS",
            defaultValue = "256",
            description = "Side of the model's input that scales are told for " + "(default: ${DEFAULT-VALUE}).")
    private int imageSize;

    @Option(
            names = "--fit",
            paramLabel = "RULE",
            defaultValue = "stretch",
            description = "What happens to pictures that are not square: "
                    + "stretch (default), letterbox (bars), or crop (the middle).")
    private Preparation.Fit fit;

    @Option(names = "--json", description = "Print everything that was found as JSON.")
    private boolean json;

    DataCheckCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (imageSize < 8 || imageSize > 8192) {
            throw new InvalidInputException("--image-size " + imageSize + " is impossible: choose 8 to 8192");
        }
        Dataset dataset = Dataset.open(data);
        List<Category> categories = new ArrayList<>();
        for (String name : names == null ? dataset.categoryNames() : names) {
            categories.add(dataset.category(name));
        }
        List<Path> unnamed = names == null ? DatasetCheck.unnamed(dataset, categories) : List.of();
        List<CategoryCheck> checks = check(categories);
        if (json) {
            console.print("%s", json(dataset, checks, unnamed));
        } else {
            print(dataset, checks, unnamed);
        }
        return unnamed.isEmpty()
                        && checks.stream().allMatch(check -> check.findings().isEmpty())
                ? ExitCode.OK
                : ExitCode.FAILED;
    }

    private List<CategoryCheck> check(List<Category> categories) {
        List<CategoryCheck> checks = new ArrayList<>();
        try (Progress progress = console.progress(
                "data check",
                "picture",
                categories.stream().mapToInt(DatasetCheck::pictures).sum())) {
            int[] before = {0};
            for (Category category : categories) {
                checks.add(new DatasetCheck(fit, imageSize, done -> {
                            synchronized (progress) {
                                progress.at(before[0] + (long) done);
                            }
                        })
                        .check(category));
                before[0] += DatasetCheck.pictures(category);
            }
        }
        return checks;
    }

    private void print(Dataset dataset, List<CategoryCheck> checks, List<Path> unnamed) {
        console.print("%s is taken for: %s", dataset.root(), dataset.layout().title());
        int found = unnamed.size();
        for (CategoryCheck check : checks) {
            DataCheckText.lines(check, dataset.root()).forEach(line -> console.print("%s", line));
            found += check.findings().size();
        }
        DataCheckText.unnamed(unnamed, dataset.root()).forEach(line -> console.print("%s", line));
        console.print(
                found == 0 ? "nothing to look at" : found == 1 ? "1 thing to look at" : found + " things to look at");
    }

    private static String json(Dataset dataset, List<CategoryCheck> checks, List<Path> unnamed) throws IOException {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("data", dataset.root().toString());
        report.put("layout", dataset.layout().title());
        List<Map<String, Object>> categories = new ArrayList<>();
        for (CategoryCheck check : checks) {
            Map<String, Object> category = new LinkedHashMap<>();
            category.put("name", check.name());
            category.put("train", check.train());
            category.put("validation", check.validation());
            category.put("testGood", check.goodTest());
            category.put("testDefects", check.defects());
            category.put("sizes", check.sizes());
            category.put("depths", check.depths());
            category.put("masks", check.masks());
            if (check.scale() != null) {
                Map<String, Object> scale = new LinkedHashMap<>();
                scale.put("imageSize", check.scale().imageSize());
                scale.put("shareReadBilinearly", check.scale().bilinearShare());
                if (check.scale().smallest() != null) {
                    scale.put("smallestDefect", check.scale().smallest().file().toString());
                    scale.put("smallestDefectPixels", check.scale().smallest().area());
                    scale.put(
                            "smallestDefectPixelsAtSize",
                            check.scale().smallest().areaAtSize());
                    scale.put("sizeForFourPixels", check.scale().enoughSize());
                }
                category.put("scale", scale);
            }
            category.put(
                    "findings",
                    check.findings().stream().map(DataCheckCommand::json).toList());
            category.put("notes", check.notes());
            categories.add(category);
        }
        report.put("categories", categories);
        report.put("notUsed", unnamed.stream().map(Path::toString).toList());
        return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(report);
    }

    private static Map<String, Object> json(Finding finding) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("kind", finding.kind().name().toLowerCase(java.util.Locale.ROOT));
        fields.put("file", finding.file().toString());
        fields.put("words", finding.words());
        return fields;
    }
}
