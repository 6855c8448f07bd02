package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.console.Progress;
import io.diffusionad.app.console.TextTable;
import io.diffusionad.app.console.Units;
import io.diffusionad.app.fetch.Catalogue;
import io.diffusionad.app.fetch.Download;
import io.diffusionad.app.fetch.Fetch;
import io.diffusionad.app.fetch.PublishedDataset;
import io.diffusionad.app.fetch.PublishedDataset.Access;
import io.diffusionad.error.InvalidInputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** {@code data fetch}: a published data set from its publisher. */
@Command(
        name = "fetch",
        sortOptions = false,
        description = {
            "Downloads a published data set from its publisher, after you have accepted its license, checks it and unpacks it.",
            "A download that was cut goes on where it stopped."
        },
        footer = {
            "",
            "Examples:",
            "  diffusionad data fetch --list",
            "  diffusionad data fetch visa --out datasets --accept-license",
            "  diffusionad data fetch mvtec-ad --out datasets --accept-license --archive ~/Downloads/mvtec_anomaly_detection.tar.xz"
        })
final class DataFetchCommand implements Callable<Integer> {
    private static final double MEGABYTE = 1e6;

    private final Console console;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "Which data set; --list shows them.")
    private String name;

    @Option(names = "--list", description = "List the data sets with their licenses and pages.")
    private boolean list;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FOLDER",
            description = "Where the data set's folder NAME goes.")
    private Path out;

    @Option(
            names = "--accept-license",
            description = "You have read the license and accept it; otherwise you are asked.")
    private boolean accepted;

    @Option(
            names = "--url",
            paramLabel = "ADDRESS",
            description = "An address of the archive, e.g. the one that the publisher's form gave you.")
    private String url;

    @Option(names = "--archive", paramLabel = "FILE", description = "An archive that you have downloaded yourself.")
    private Path archive;

    @Option(
            names = "--sha256",
            paramLabel = "HEX",
            description = "What the archive's SHA-256 must be (default: the published one, where there is one).")
    private String sha256;

    @Option(names = "--keep-archive", description = "Keep the downloaded archive beside the data set.")
    private boolean keep;

    DataFetchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (list) {
            console.print("%s", table());
            return ExitCode.OK;
        }
        if (name == null) {
            throw new InvalidInputException("no data set was named: choose one of 'data fetch --list'");
        }
        PublishedDataset dataset = Catalogue.find(name);
        if (out == null) {
            throw new InvalidInputException("no place was named: add --out FOLDER");
        }
        Fetch fetch = new Fetch(out, dataset.name());
        boolean addressless = dataset.access() != Access.DIRECT && url == null && archive == null;
        if (addressless) {
            throw new InvalidInputException(dataset.instructions());
        }
        if (archive != null && !Files.isRegularFile(archive)) {
            throw new InvalidInputException("there is no archive " + archive + ": check the path");
        }
        new LicenseQuestion(console, System.console()).ask(dataset, accepted);
        run(dataset, fetch);
        return ExitCode.OK;
    }

    private void run(PublishedDataset dataset, Fetch fetch) throws IOException, InterruptedException {
        Path file = archive;
        String expected = sha256;
        if (file == null) {
            URI address = address(dataset);
            String archiveName = url == null ? dataset.archive() : Fetch.archiveName(address, dataset.name());
            expected = expected(dataset, archiveName);
            file = download(fetch, address, archiveName, expected != null);
        } else {
            expected = expected(dataset, file.getFileName().toString());
        }
        String found = fetch.verify(file, expected);
        console.note(
                "SHA-256 %s%s", found, expected == null ? " (none is published to compare it with)" : ", as published");
        try (Progress progress = console.progress("unpack", "megabyte", Math.round(Files.size(file) / MEGABYTE))) {
            fetch.unpack(file, bytes -> progress.at(Math.round(bytes / MEGABYTE)));
        }
        if (archive == null && !keep) {
            Files.deleteIfExists(file);
        }
        console.print("%s", fetch.folder());
        console.note("look at it with: diffusionad data check %s", fetch.folder());
    }

    private URI address(PublishedDataset dataset) {
        try {
            return URI.create(url == null ? dataset.url() : url.trim());
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("'" + url + "' is not an address: give one that begins with https://", e);
        }
    }

    /**
     * The published checksum belongs to the whole archive under its published name; publishers also offer parts under
     * other names.
     */
    private String expected(PublishedDataset dataset, String archiveName) {
        return sha256 != null ? sha256 : archiveName.equals(dataset.archive()) ? dataset.sha256() : null;
    }

    private Path download(Fetch fetch, URI address, String archiveName, boolean verifiable)
            throws IOException, InterruptedException {
        try (Progress progress = console.progress("download " + archiveName, "megabyte", 1)) {
            return fetch.download(
                    Download.builder().build(), address, archiveName, verifiable, new Download.Listener() {
                        private boolean begun;

                        @Override
                        public void at(long done, long total) {
                            if (!begun) {
                                progress.resumeAt(Math.round(done / MEGABYTE));
                                begun = true;
                            }
                            progress.total(Math.max(1, Math.round(Math.max(done, total) / MEGABYTE)));
                            progress.at(Math.round(done / MEGABYTE));
                        }

                        @Override
                        public void note(String words) {
                            console.note("%s", words);
                        }
                    });
        }
    }

    private static String table() {
        TextTable table = new TextTable("name", "license", "archive", "how", "page");
        for (PublishedDataset dataset : Catalogue.all()) {
            String how =
                    switch (dataset.access()) {
                        case DIRECT -> "download";
                        case FORM -> "form, then --url";
                        case PAGE -> "by hand, then --archive";
                    };
            table.row(
                    dataset.name(),
                    dataset.license(),
                    dataset.bytes() == 0 ? "?" : Units.bytes(dataset.bytes()),
                    how,
                    dataset.page());
        }
        return table.toString();
    }
}
