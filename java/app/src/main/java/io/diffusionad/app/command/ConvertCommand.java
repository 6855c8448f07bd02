package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.console.Units;
import io.diffusionad.app.onnx.OnnxExport;
import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.checkpoint.DetectorModel;
import io.diffusionad.checkpoint.ReferenceCheckpoint;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.SafeTensors;
import io.diffusionad.io.TorchCheckpoint;
import io.diffusionad.settings.ModelCard;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code convert}: checkpoints into other formats. */
@Command(
        name = "convert",
        sortOptions = false,
        description = {
            "Converts a checkpoint of the original PyTorch program (.pt) into one of this program, or either into ONNX.",
            "Files are read as data; nothing in them is executed."
        },
        footer = {
            "",
            "Examples:",
            "  diffusionad convert params-best.pt bottle.safetensors --category bottle",
            "  diffusionad convert runs/bottle/best.safetensors bottle.onnx",
            "  diffusionad convert runs/bottle/best.safetensors unet.onnx --part unet"
        })
final class ConvertCommand implements Callable<Integer> {
    /** Formats that can be written. */
    enum Format {
        /** This program's checkpoint. */
        SAFETENSORS,
        ONNX,
        /** Every tensor of a PyTorch file, of whatever network, as safetensors without a detector's description. */
        TENSORS
    }

    private final Console console;

    @Parameters(
            index = "0",
            paramLabel = "IN",
            description = "A checkpoint: .pt of the original program, or .safetensors of this one.")
    private Path in;

    @Parameters(index = "1", paramLabel = "OUT", description = "The file to write.")
    private Path out;

    @Option(
            names = "--to",
            paramLabel = "FORMAT",
            description = {
                "safetensors or onnx (default: what OUT's name ends with),",
                "or tensors: every tensor of a PyTorch file, of whatever network, as plain safetensors."
            })
    private Format format;

    @Option(
            names = "--part",
            paramLabel = "WHAT",
            defaultValue = "pipeline",
            description = "Of ONNX: pipeline (image and noises in, score map out; default), unet or segmentation.")
    private OnnxExport.Part part;

    @Option(
            names = "--category",
            paramLabel = "NAME",
            defaultValue = "unknown",
            description = "What a .pt detector was trained on, for people.")
    private String category;

    @Option(
            names = "--accept-unchecked",
            description = {
                "Read a .safetensors file without a checksum, as other programs write it;",
                "OUT gets one. A wrong checksum is refused all the same."
            })
    private boolean acceptUnchecked;

    @Option(names = "--overwrite", description = "Replace OUT.")
    private boolean overwrite;

    ConvertCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Format target = target();
        requireFiles();
        if (target == Format.TENSORS) {
            writeTensors();
        } else {
            convert(target);
        }
        console.print("%s", out);
        return ExitCode.OK;
    }

    private void convert(Format target) throws IOException {
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT)) {
            if (isOriginal()) {
                ReferenceCheckpoint original = ReferenceCheckpoint.read(in, category);
                original.remarks().forEach(remark -> console.note("%s", remark));
                convert(target, original.card(), device, original::copyInto);
                console.note(
                        "the original has no decision threshold: run  diffusionad calibrate --unseen  with good images, or give detect --threshold");
            } else {
                convert(target, Checkpoint.readCard(in), device, this::readWeights);
            }
        }
    }

    private void readWeights(DetectorModel model) throws IOException {
        if (!acceptUnchecked) {
            Checkpoint.readWeights(in, model);
        } else if (!Checkpoint.readUncheckedWeights(in, model)) {
            console.note("%s carries no checksum: damage would go unseen", in);
        }
    }

    private void writeTensors() throws IOException {
        TorchCheckpoint checkpoint = TorchCheckpoint.read(in);
        Map<String, HostTensor> tensors = checkpoint.allTensors();
        if (tensors.isEmpty()) {
            throw new InvalidInputException(in + " holds no tensors in dictionaries: give a file with a state_dict");
        }
        ReferenceCheckpoint.skipped(checkpoint).forEach(remark -> console.note("%s", remark));
        SafeTensors.write(out, Map.of(), tensors);
        console.note("%d tensors", tensors.size());
    }

    private interface Weights {
        void fill(DetectorModel model) throws IOException;
    }

    private void convert(Format target, ModelCard card, Device device, Weights weights) throws IOException {
        try (DetectorModel model = new DetectorModel(card.model(), device, false)) {
            weights.fill(model);
            if (target == Format.ONNX) {
                OnnxExport.write(out, part, card, model);
            } else {
                Checkpoint.writeModel(out, card, model);
            }
            console.note(
                    "%s parameters, %dx%d pixels",
                    Units.count(model.parameterCount()),
                    card.model().imageSize(),
                    card.model().imageSize());
        }
    }

    private Format target() {
        if (format != null) {
            return format;
        }
        for (Format candidate : Format.values()) {
            if (out.toString()
                    .toLowerCase(Locale.ROOT)
                    .endsWith("." + candidate.name().toLowerCase(Locale.ROOT))) {
                return candidate;
            }
        }
        throw new InvalidInputException("what " + out
                + " should become is not clear from its name: end it with .safetensors or .onnx, or add --to");
    }

    private boolean isOriginal() {
        return !in.toString().toLowerCase(Locale.ROOT).endsWith(".safetensors");
    }

    private void requireFiles() {
        if (!Files.isRegularFile(in)) {
            throw new InvalidInputException("there is no file " + in + ": check the path");
        }
        if (Files.isDirectory(out)) {
            throw new InvalidInputException(out + " is a folder: name a file");
        }
        if (Files.exists(out) && !overwrite) {
            throw new InvalidInputException(out + " exists: name another file, or add --overwrite");
        }
        Path folder = out.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new InvalidInputException("there is no folder " + folder + " for " + out.getFileName()
                    + ": make it, or choose another place");
        }
    }
}
