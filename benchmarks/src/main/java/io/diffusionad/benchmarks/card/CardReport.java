package io.diffusionad.benchmarks.card;

import io.diffusionad.app.report.OutputFile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Notes in {@code results.json} how a part of {@code gpu-bundle/run} ended, and writes {@code table.txt} from
 * everything measured so far. Arguments: folder, part, status, seconds, one line of summary.
 */
public final class CardReport {
    private CardReport() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 5) {
            System.err.println("usage: CardReport FOLDER PART STATUS SECONDS SUMMARY");
            System.exit(2);
        }
        Path folder = Path.of(arguments[0]);
        CardResults results = CardResults.open(folder);
        Map<String, Object> outcome = new LinkedHashMap<>();
        outcome.put("status", arguments[2]);
        outcome.put("seconds", Integer.parseInt(arguments[3]));
        outcome.put("summary", arguments[4]);
        results.set("parts", arguments[1], outcome);
        OutputFile.write(folder.resolve("table.txt"), new CardTable(results).text());
    }
}
