package io.diffusionad.benchmarks.suite;

import io.diffusionad.app.report.OutputFile;
import io.diffusionad.error.InvalidInputException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Writes the tables of {@code docs/results.md} from results, between two markers; nobody types figures. */
final class ResultsDocument {
    static final String BEGIN = "<!-- bench:begin -->";
    static final String END = "<!-- bench:end -->";

    private ResultsDocument() {}

    /**
     * Replaces what stands between the markers.
     *
     * @throws InvalidInputException when there are no results, or the file has not both markers
     */
    static void update(Path document, List<Results> results) throws IOException {
        if (results.isEmpty()) {
            throw new InvalidInputException(
                    "there are no results to write into " + document + ": run ./diffusionad bench first");
        }
        String text = Files.readString(document);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new InvalidInputException(
                    document + " has no lines " + BEGIN + " and " + END + ", between which the tables go: add them");
        }
        String tables = results.stream().map(ResultsDocument::tables).collect(Collectors.joining("\n"));
        OutputFile.write(document, text.substring(0, begin + BEGIN.length()) + "\n" + tables + text.substring(end));
    }

    /** One machine's tables in Markdown. */
    static String tables(Results results) {
        StringBuilder text = new StringBuilder(
                "**" + results.machine().device() + "**, " + results.machine().cores() + " cores, Java "
                        + results.machine().java()
                        + "\n\n");
        if (results.curve() != null) {
            section(
                    text,
                    "One step and many, " + ResultTables.size(results.curve().model()) + ", "
                            + ResultTables.precision(results.curve().precision())
                            + ", batch 1; quality of a detector trained "
                            + results.curve().trainedSteps() + " steps on "
                            + results.curve().category() + ", over "
                            + results.curve().points().get(0).evaluatedImages() + " test images",
                    results.curve().stamp(),
                    ResultTables.curve(results.curve()));
        }
        if (results.peers() != null) {
            section(
                    text,
                    "Beside others in turn, same weights and inputs, results compared first",
                    ResultTables.conditions(results.peers()),
                    ResultTables.peers(results.peers()));
        }
        if (results.detection() != null) {
            section(
                    text,
                    "A fresh JVM, image file in, decision out",
                    results.detection().stamp(),
                    ResultTables.processes(results.detection()));
        }
        if (results.operations() != null && results.operations().passes() != null) {
            section(
                    text,
                    "A pass over both networks, "
                            + ResultTables.size(results.operations().model())
                            + ", one image or sample, beside its convolutions within it",
                    results.operations().stamp(),
                    ResultTables.passes(results.operations()));
        }
        if (results.training() != null) {
            section(text, "Training steps", results.training().stamp(), ResultTables.training(results.training()));
        }
        if (results.scaling() != null) {
            section(
                    text,
                    "How the cost of one-step detection grows",
                    results.scaling().stamp(),
                    ResultTables.scaling(results.scaling()));
        }
        if (results.shared() != null) {
            section(
                    text,
                    "Sharing the machine, " + ResultTables.size(results.shared().model()) + ", training steps of "
                            + results.shared().batch(),
                    results.shared().stamp(),
                    ResultTables.shared(results.shared()));
        }
        return text.toString();
    }

    private static void section(StringBuilder text, String title, Results.Stamp stamp, List<List<String>> rows) {
        section(text, title, ResultTables.conditions(stamp), rows);
    }

    private static void section(StringBuilder text, String title, String conditions, List<List<String>> rows) {
        text.append(title).append(" (").append(conditions).append("):\n\n");
        for (int i = 0; i < rows.size(); i++) {
            text.append("| ").append(String.join(" | ", rows.get(i))).append(" |\n");
            if (i == 0) {
                text.append("| --- ")
                        .append("| --: ".repeat(rows.get(0).size() - 1))
                        .append("|\n");
            }
        }
        text.append('\n');
    }
}
