package io.diffusionad.app.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.diffusionad.app.console.ProgramVersion;
import io.diffusionad.checkpoint.DetectorModel;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.AtomicFile;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.ModelSettings;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Locale;

/** Writes a detector, or one of its networks, as an ONNX file with the checkpoint's description in its metadata. */
public final class OnnxExport {
    private static final long MAX_BYTES = Integer.MAX_VALUE;

    /** What a file holds. */
    public enum Part {
        /**
         * Inputs {@code image}, {@code noise_small}, {@code noise_big} (N, 3, H, W); outputs {@code score_map} (N, 1,
         * H, W), {@code image_score} (N) and {@code reconstruction} (N, 3, H, W). Images in [0, 1], noises standard
         * normal.
         */
        PIPELINE,
        /** Inputs {@code x} (N, 3, H, W) and {@code t} (N) int64; output {@code eps}. */
        UNET,
        /** Input {@code pair} (N, 6, H, W); output {@code probability} (N, 1, H, W). */
        SEGMENTATION
    }

    private OnnxExport() {}

    /**
     * Replaces the file whole or not at all.
     *
     * @throws InvalidInputException when the weights exceed the 2 GiB that an ONNX file can hold
     */
    public static void write(Path file, Part part, ModelCard card, DetectorModel model) throws IOException {
        requireFits(
                part,
                model.unet().parameters().parameterCount(),
                model.segmentation().parameters().parameterCount());
        ModelProto proto = build(part, card, model);
        AtomicFile.write(file, channel -> {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 20);
            proto.writeTo(out);
            out.flush();
        });
    }

    static void requireFits(Part part, long unet, long segmentation) {
        long most = MAX_BYTES / Float.BYTES;
        long parameters = (part == Part.SEGMENTATION ? 0 : unet) + (part == Part.UNET ? 0 : segmentation);
        if (parameters > most) {
            throw new InvalidInputException(parameters + " parameters do not fit into an ONNX file of 2 GiB: "
                    + (part == Part.PIPELINE && Math.max(unet, segmentation) <= most
                            ? "export the networks one by one with --part"
                            : "train a model with smaller --base-channels"));
        }
    }

    private static ModelProto build(Part part, ModelCard card, DetectorModel model) {
        OnnxGraph graph = new OnnxGraph("diffusionad_" + part.name().toLowerCase(Locale.ROOT));
        ModelSettings settings = card.model();
        int size = settings.imageSize();
        int channels = settings.unet().inChannels();
        SegmentationConfig segmentation = settings.segmentation();
        switch (part) {
            case PIPELINE -> new PipelineGraph(graph, settings, model).build();
            case UNET ->
                graph.output(
                        "eps",
                        new UNetGraph(graph, model.unet(), "")
                                .build(
                                        graph.input("x", DataType.FLOAT, channels, size, size),
                                        graph.input("t", DataType.INT64)),
                        channels,
                        size,
                        size);
            case SEGMENTATION ->
                graph.output(
                        "probability",
                        new SegmentationGraph(graph, model.segmentation(), "")
                                .build(
                                        graph.input("pair", DataType.FLOAT, segmentation.inChannels(), size, size),
                                        size),
                        segmentation.outChannels(),
                        size,
                        size);
        }
        return graph.model(ProgramVersion.number(), card.toMetadata());
    }
}
