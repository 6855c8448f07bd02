package io.diffusionad.benchmarks.suite;

import io.diffusionad.app.report.HtmlPage;
import io.diffusionad.app.report.OutputFile;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Results for looking at: the curve as a PNG file, and one self-contained HTML page with it and every table. */
final class ResultsPage {
    private ResultsPage() {}

    /** @param json the results file; picture and page lie beside it under the same name */
    static void write(Path json, Results results) throws IOException {
        HtmlPage page = new HtmlPage("DiffusionAD benchmarks");
        Machine machine = results.machine();
        page.paragraph(machine.device() + "; " + machine.memoryMib() + " MiB of memory; " + machine.os() + "; Java "
                + machine.java());
        if (results.curve() != null) {
            page.heading("One step and many: speed and quality")
                    .paragraph(ResultTables.conditions(results.curve().stamp())
                            + ". The segmentation network was trained on"
                            + " norm-guided reconstructions, and sees those of the other methods without having learned from them. Latency is that of one image from the"
                            + " device's memory to its score map. Quality: "
                            + results.curve().points().get(0).evaluatedImages() + " test images of "
                            + results.curve().category() + ", after "
                            + results.curve().trainedSteps() + " training steps.");
            Optional<BufferedImage> chart = CurveChart.draw(results.curve());
            if (chart.isPresent()) {
                Path png = sibling(json, ".png");
                OutputFile.writePng(png, chart.get());
                page.pictureFile(png, "quality against images a second");
            }
            page.table(ResultTables.curve(results.curve()));
        }
        if (results.peers() != null) {
            page.heading("Beside others")
                    .paragraph(ResultTables.conditions(results.peers())
                            + ". Same weights and inputs, results compared first, each in a"
                            + " process of its own, in turn; ratios are medians over rounds.")
                    .table(ResultTables.peers(results.peers()));
        }
        if (results.detection() != null) {
            page.heading("Image file in, decision out")
                    .paragraph(ResultTables.conditions(results.detection().stamp()) + "; "
                            + ResultTables.size(results.detection().model()))
                    .table(ResultTables.detection(results.detection()))
                    .table(ResultTables.processes(results.detection()));
        }
        if (results.training() != null) {
            page.heading("Training")
                    .paragraph(ResultTables.conditions(results.training().stamp()))
                    .table(ResultTables.training(results.training()));
        }
        if (results.scaling() != null) {
            page.heading("How cost grows")
                    .paragraph(ResultTables.conditions(results.scaling().stamp()))
                    .table(ResultTables.scaling(results.scaling()));
        }
        if (results.shared() != null) {
            page.heading("Sharing the machine")
                    .paragraph(
                            ResultTables.conditions(results.shared().stamp()) + "; "
                                    + ResultTables.size(results.shared().model())
                                    + ", training steps of " + results.shared().batch()
                                    + " images. Every process computes with all threads; images a second are those of all processes"
                                    + " together. The last column compares with one process alone in the same round, times the fair share of the machine.")
                    .table(ResultTables.shared(results.shared()));
        }
        if (results.operations() != null) {
            page.heading("Operations")
                    .paragraph(ResultTables.conditions(results.operations().stamp())
                            + ". Every distinct call is in the JSON file; here they are" + " summed by operation.")
                    .table(ResultTables.passes(results.operations()))
                    .table(ResultTables.operationSums(results.operations()));
        }
        page.write(sibling(json, ".html"));
    }

    static Path sibling(Path json, String extension) {
        return json.resolveSibling(json.getFileName().toString().replaceFirst("\\.json$", "") + extension);
    }
}
