package io.diffusionad.benchmarks.suite;

import io.diffusionad.app.Main;
import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.console.ProgramVersion;
import io.diffusionad.app.console.Progress;
import io.diffusionad.app.console.TextTable;
import io.diffusionad.app.console.Units;
import io.diffusionad.benchmarks.suite.BenchProfile.Section;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.settings.Precision;
import io.diffusionad.tensor.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * {@code ./diffusionad bench}: measures, draws, writes results, and writes the tables of {@code docs/results.md} from
 * them.
 */
@Command(
        name = "bench",
        sortOptions = false,
        versionProvider = ProgramVersion.class,
        description = {
            "Measures one-step against iterative denoising, speed beside quality; on request also operations, training steps, detection from file to",
            "decision, how cost grows, and LibTorch and ONNX Runtime beside this engine, in turn, on the same weights and inputs.",
            "Writes JSON, a picture of the curve and a page. Close other programs: times are only as quiet as the machine."
        },
        footer = {
            "",
            "Examples:",
            "  diffusionad bench                                 three minutes: the speed/quality curve, of the demo's detector if there is one",
            "  diffusionad bench --profile full                  everything; about half an hour on two cores",
            "  diffusionad bench --profile full --parts peers    one part; the results file keeps its others",
            "  diffusionad bench --parts shared                  two and four processes at once, and one beside busy programs",
            "  diffusionad bench --parts peers --precision bf16",
            "  diffusionad bench --profile full --parts detection --precision bf16 --images 500",
            "  diffusionad bench --checkpoint runs/bottle --data mvtec/bottle",
            "  diffusionad bench --tables                        writes the tables of docs/results.md and the pages from benchmarks/results",
            "",
            "DIFFUSIONAD_JAVA_OPTS=-Djmh.ignoreLock=true lets it run beside another JMH benchmark."
        })
public final class Bench implements Callable<Integer> {
    private final Console console;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            defaultValue = "quick",
            description = "quick, full, or tiny, which only shows that everything works (default: ${DEFAULT-VALUE}).")
    private String profile;

    @Option(
            names = "--parts",
            split = ",",
            paramLabel = "PART",
            description =
                    "curve, operations, training, detection, scaling, peers, shared (default: the " + "profile's).")
    private Set<Section> parts;

    @Option(
            names = {"-m", "--checkpoint"},
            paramLabel = "RUN",
            description = "Detector to measure: a checkpoint or an output folder of train; with --data."
                    + " Default: the demo's in ./demo, else a small one trained now.")
    private Path checkpoint;

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description = "The category that it was trained on, with a test set and masks.")
    private Path data;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "cpu",
            description = "cpu, cuda or cuda:INDEX (default: ${DEFAULT-VALUE}); peers run on the CPU.")
    private String device;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "CPU threads of everything, peers too (default: one a physical core).")
    private int threads;

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            defaultValue = "auto",
            description =
                    "float32, bf16, int8 (parts operations, detection and shared), or auto (default): the faster type for the curve and how cost grows, "
                            + "all that the device is made for in the other parts.")
    private Precision precision;

    @Option(
            names = "--images",
            paramLabel = "N",
            description =
                    "Images that each fresh JVM of the part detection looks at, for percentiles (default: the profile's; full: 40).")
    private Integer images;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE.json",
            description = "Results file; sections of an earlier run in it are kept unless measured again."
                    + " Picture and page go beside it. Default: benchmarks/results/<device>-<date>.json.")
    private Path out;

    @Option(
            names = "--tables",
            description =
                    "Measure nothing: write the tables of docs/results.md and every results' page from benchmarks/results.")
    private boolean tables;

    @Option(names = "--debug", description = "Print a stack trace with every error.")
    private boolean debug;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print results and errors only.")
    private boolean quiet;

    Bench(Console console) {
        this.console = console;
    }

    public static void main(String[] arguments) {
        System.exit(run(Console.system(), arguments));
    }

    /** @return the exit code of docs/exit-codes.md */
    static int run(Console console, String... arguments) {
        Bench bench = new Bench(console);
        return Main.run(console, bench, () -> bench.debug, arguments);
    }

    @Override
    public Integer call() throws IOException {
        console.setQuiet(quiet);
        Path root = Path.of(System.getProperty("diffusionad.root", "."));
        Path folder = root.resolve("benchmarks").resolve("results");
        if (tables) {
            Map<Path, Results> all = ResultsFile.readAll(folder);
            ResultsDocument.update(root.resolve("docs/results.md"), List.copyOf(all.values()));
            for (Map.Entry<Path, Results> each : all.entrySet()) {
                ResultsPage.write(each.getKey(), each.getValue());
            }
            return ExitCode.OK;
        }
        if ((checkpoint == null) != (data == null)) {
            throw new InvalidInputException("--checkpoint and --data belong together: give both or neither");
        }
        if (images != null && images < 2) {
            throw new InvalidInputException(
                    "--images is " + images + ": a fresh JVM needs 2 or more, a first one and one to time");
        }
        BenchProfile named = BenchProfile.named(profile);
        BenchProfile chosen = images == null ? named : named.withProcessImages(images);
        Machine machine = Machine.here(device, threads);
        Path file = out != null ? out : folder.resolve(machine.slug() + "-" + LocalDate.now(ZoneOffset.UTC) + ".json");
        Results before = Files.exists(file) ? ResultsFile.read(file) : Results.empty(machine);
        Files.createDirectories(file.toAbsolutePath().getParent());
        Path work = Files.createTempDirectory("diffusionad-bench-");
        try {
            print(measure(
                    new Setting(chosen, device, machine.threads(), precisions(), root, work), machine, before, file));
            console.print("%s", file);
            console.print("%s", ResultsPage.sibling(file, ".html"));
        } finally {
            delete(work);
        }
        return ExitCode.OK;
    }

    /**
     * After every part, the results so far are written: what ran for an hour outlives the failure of what comes next.
     */
    private Results measure(Setting setting, Machine machine, Results before, Path file) throws IOException {
        long start = System.nanoTime();
        console.note("%s; load %.1f", machine.device(), Machine.load());
        Set<Section> chosen = parts == null ? setting.profile().parts() : EnumSet.copyOf(parts);
        if (precision == Precision.INT8
                && !EnumSet.of(Section.OPERATIONS, Section.DETECTION, Section.SHARED)
                        .containsAll(chosen)) {
            throw new InvalidInputException(
                    "int8 by itself is measured in the parts operations, detection and shared: name them with --parts, or choose "
                            + "another --precision");
        }
        List<Part> measured = parts(setting, chosen);
        Results results = before.updatedBy(Results.empty(machine));
        double planned = measured.stream().mapToDouble(Part::plannedSeconds).sum();
        try (Progress progress = console.progress("bench", "planned second", Math.round(planned))) {
            Meter meter = new Meter(progress);
            for (Part part : measured) {
                results = part.measure(results, meter);
                ResultsFile.write(file, results);
                ResultsPage.write(file, results);
            }
        }
        console.note("took %s", Units.duration((System.nanoTime() - start) * 1e-9));
        return results;
    }

    private List<Part> parts(Setting setting, Set<Section> chosen) throws IOException {
        DType activations = activations(setting);
        Subject subject =
                chosen.contains(Section.CURVE) || chosen.contains(Section.DETECTION) ? subject(setting) : null;
        List<Part> all = new ArrayList<>();
        for (Section section : chosen) {
            all.addAll(
                    switch (section) {
                        case CURVE -> List.of(new CurvePart(setting, subject, activations));
                        case OPERATIONS -> List.of(new OperationsPart(setting));
                        case TRAINING -> List.of(new TrainingPart(setting));
                        case DETECTION -> List.of(new DetectionPart(setting, subject));
                        case SCALING -> List.of(new ScalingPart(setting, activations));
                        case PEERS -> PeersPart.all(setting);
                        case SHARED -> List.of(new SharedPart(setting));
                    });
        }
        return all;
    }

    /** AUTO: all that the device is made for. */
    private List<Precision> precisions() {
        if (precision != Precision.AUTO) {
            return List.of(precision);
        }
        try (Device opened = Devices.open(device, new DeviceOptions(threads, DeviceOptions.DEFAULT.providers()))) {
            List<Precision> all = new ArrayList<>(List.of(Precision.FLOAT32));
            if (opened.hasFastBfloat16()) {
                all.add(Precision.BF16);
            }
            if (opened.computesInt8()) {
                all.add(Precision.INT8);
            }
            return all;
        }
    }

    private Subject subject(Setting setting) throws IOException {
        if (checkpoint != null) {
            return Subject.of(checkpoint, data);
        }
        Optional<Subject> demo = setting.profile() == BenchProfile.TINY ? Optional.empty() : Subject.ofDemo();
        return demo.isPresent() ? demo.get() : Subject.train(console, setting);
    }

    private DType activations(Setting setting) {
        try (Device opened = Devices.open(
                setting.device(), new DeviceOptions(setting.threads(), DeviceOptions.DEFAULT.providers()))) {
            return precision.on(opened);
        }
    }

    private void print(Results results) {
        if (results.curve() != null) {
            print("One step and many", ResultTables.curve(results.curve()));
        }
        if (results.peers() != null) {
            print("Beside others", ResultTables.peers(results.peers()));
        }
        if (results.detection() != null) {
            print("Image file in, decision out", ResultTables.detection(results.detection()));
            print("Fresh JVMs", ResultTables.processes(results.detection()));
        }
        if (results.training() != null) {
            print("Training", ResultTables.training(results.training()));
        }
        if (results.scaling() != null) {
            print("How cost grows", ResultTables.scaling(results.scaling()));
        }
        if (results.shared() != null) {
            print("Sharing the machine", ResultTables.shared(results.shared()));
        }
        if (results.operations() != null) {
            print("Whole passes", ResultTables.passes(results.operations()));
            print("Operations", ResultTables.operationSums(results.operations()));
        }
    }

    private void print(String title, List<List<String>> rows) {
        TextTable table = new TextTable(rows.get(0).toArray(String[]::new));
        rows.subList(1, rows.size()).forEach(row -> table.row(row.toArray(String[]::new)));
        console.print("%n%s%n%s", title.toUpperCase(Locale.ROOT), table);
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
