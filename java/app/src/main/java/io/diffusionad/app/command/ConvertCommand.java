package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.console.Units;
import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.checkpoint.DetectorModel;
import io.diffusionad.checkpoint.ReferenceCheckpoint;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.error.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code convert}: checkpoints of the original program into ours. */
@Command(name = "convert", sortOptions = false,
        description = {"Converts a checkpoint of the original PyTorch program (params-best.pt) into one of this program (.safetensors).",
            "The file is read as data; nothing in it is executed."},
        footer = {"", "Example:", "  diffusionad convert params-best.pt bottle.safetensors --category bottle"})
final class ConvertCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(index = "0", paramLabel = "IN", description = "The file to read.")
    private Path in;

    @Parameters(index = "1", paramLabel = "OUT", description = "The file to write.")
    private Path out;

    @Option(names = "--category", paramLabel = "NAME", defaultValue = "unknown", description = "What the detector was trained on, for people.")
    private String category;

    @Option(names = "--overwrite", description = "Replace OUT.")
    private boolean overwrite;

    ConvertCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.isRegularFile(in)) {
            throw new InvalidInputException("there is no file " + in + ": check the path");
        }
        if (Files.isDirectory(out) || Files.exists(out) && !overwrite) {
            throw new InvalidInputException(out + (Files.isDirectory(out) ? " is a folder: name a file" : " exists: name another file, or add --overwrite"));
        }
        ReferenceCheckpoint reference = ReferenceCheckpoint.read(in, category);
        reference.remarks().forEach(remark -> console.note("%s", remark));
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT); DetectorModel model = new DetectorModel(reference.card().model(), device, false)) {
            reference.copyInto(model);
            Checkpoint.writeModel(out, reference.card(), model);
            console.note("%s parameters, %dx%d pixels; the original has no decision threshold: give detect one with --threshold",
                    Units.count(model.parameterCount()), reference.card().model().imageSize(), reference.card().model().imageSize());
        }
        console.print("%s", out);
        return ExitCode.OK;
    }
}
