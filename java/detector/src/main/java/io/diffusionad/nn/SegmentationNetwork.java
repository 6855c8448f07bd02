package io.diffusionad.nn;

import io.diffusionad.device.Device;
import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * The segmentation network: a U-shaped CNN that looks at an image beside its reconstruction and gives each pixel's
 * probability of being anomalous (SPEC §6). Parameter names, order and shapes are those of the reference's
 * {@code state_dict}. Not thread-safe.
 */
public final class SegmentationNetwork {
    private static final int NETWORK_NUMBER = 1;
    /** Widths of the six encoder blocks in units of the base width. */
    private static final int[] ENCODER_WIDTHS = {1, 2, 4, 8, 8, 8};
    /** Widths of the five decoder steps, deepest first. */
    private static final int[] DECODER_WIDTHS = {8, 4, 2, 1, 1};

    private static final String[] DECODER_NAMES = {"_b", "1", "2", "3", "4"};

    private final SegmentationConfig config;
    private final ParameterStore parameters;
    private final List<Encoding> encoder = new ArrayList<>();
    private final List<Decoding> decoder = new ArrayList<>();
    private final Convolution output;
    private final FoldedUnits folded;

    private record Encoding(ConvolutionUnit first, ConvolutionUnit second) {}

    /** Upsampling's unit, then two units of which the first reads the pair (upsampled, skip). */
    private record Decoding(ConvolutionUnit up, ConvolutionUnit first, ConvolutionUnit second) {}

    private record SavedPool(Tensor argmax) { // (N, H/2, W/2, C) uint8
    }

    private record SavedUp(int[] inputShape) { // (N, H, W, C)
    }

    private record SavedOutput(
            Tensor h, // (N, H, W, base)
            Tensor probabilities) { // (N, H, W, 1) float32
    }

    private record Skip(Tensor tensor, long mark) { // of the main arena, before the tensor
    }

    /**
     * Allocates the parameters, all zero: follow with {@link ParameterStore#initialise} or an import.
     *
     * @param arena owns the parameters
     * @param trainable whether gradients and Adam's moments are allocated too
     */
    public SegmentationNetwork(SegmentationConfig config, Device device, Arena arena, boolean trainable) {
        this.config = config;
        ParameterDeclarations declarations = new ParameterDeclarations();
        int channels = config.inChannels();
        for (int level = 0; level < ENCODER_WIDTHS.length; level++) {
            int width = config.baseChannels() * ENCODER_WIDTHS[level];
            String name = "encoder_segment.block" + (level + 1);
            encoder.add(new Encoding(
                    new ConvolutionUnit(declarations, name + ".0", name + ".1", channels, width),
                    new ConvolutionUnit(declarations, name + ".3", name + ".4", width, width)));
            channels = width;
        }
        for (int step = 0; step < DECODER_WIDTHS.length; step++) {
            int width = config.baseChannels() * DECODER_WIDTHS[step];
            int skip = config.baseChannels() * ENCODER_WIDTHS[ENCODER_WIDTHS.length - 2 - step];
            String up = "decoder_segment.up" + DECODER_NAMES[step];
            String name = "decoder_segment.db" + DECODER_NAMES[step];
            decoder.add(new Decoding(
                    new ConvolutionUnit(declarations, up + ".1", up + ".2", channels, width),
                    new ConvolutionUnit(declarations, name + ".0", name + ".1", width + skip, width),
                    new ConvolutionUnit(declarations, name + ".3", name + ".4", width, width)));
            channels = width;
        }
        output = Convolution.declare(declarations, "decoder_segment.fin_out.0", channels, config.outChannels(), 3, 1);
        parameters = new ParameterStore(declarations, NETWORK_NUMBER, device, arena, trainable);
        folded = new FoldedUnits(
                device,
                parameters,
                Stream.concat(
                                encoder.stream().flatMap(e -> Stream.of(e.first, e.second)),
                                decoder.stream().flatMap(d -> Stream.of(d.up, d.first, d.second)))
                        .toList());
        arena.onClose(folded::close);
    }

    public SegmentationConfig config() {
        return config;
    }

    public ParameterStore parameters() {
        return parameters;
    }

    /**
     * @param x (N, H, W, 6) float32: image, then reconstruction; a saving pass reads it again in {@link #backward}
     * @param training whether the batch's statistics normalise and move the running ones; else the running statistics
     *     do
     * @return probabilities (N, H, W, 1) float32, in the pass's main arena
     * @throws IllegalArgumentException when the shape does not fit, or a pass saves in evaluation mode, which has no
     *     backward pass
     */
    public Tensor forward(Pass pass, Tensor x, boolean training) {
        requireInput(pass, x, training);
        Tensor y = pass.float32(x.dim(0), x.dim(1), x.dim(2), config.outChannels());
        try (var temporaries = pass.temporaries()) {
            Deque<Skip> skips = new ArrayDeque<>();
            Tensor h = x;
            for (int level = 0; level < encoder.size(); level++) {
                h = encode(pass, level, h, skips, training);
            }
            for (Decoding step : decoder) {
                Skip skip = skips.pop();
                h = decode(pass, step, h, skip.tensor, training);
                if (!pass.saving()) {
                    pass.arena().release(skip.mark);
                }
            }
            pass.label("decoder_segment.fin_out.0");
            output.forward(pass, y, h, null, Epilogue.NONE.withActivation(Activation.SIGMOID));
            pass.save(output, new SavedOutput(h, y));
        }
        pass.keep(y);
        if (training) {
            parameters.countBatch();
        }
        return y;
    }

    /**
     * Adds the gradients of all parameters; backward of a saving pass in training mode.
     *
     * @param dx gradient by the input channels from {@code firstChannel} on, as many as it has (3 from 3 on: the
     *     reconstruction alone), overwritten; or null when it is not wanted
     * @param dy gradient of the probabilities (N, H, W, 1) float32
     */
    public void backward(Pass pass, Tensor dx, int firstChannel, Tensor dy) {
        Tensor dh = outputBackward(pass, dy);
        Deque<Tensor> dskips = new ArrayDeque<>();
        for (int step = decoder.size() - 1; step >= 0; step--) {
            dh = decodeBackward(pass, decoder.get(step), dh, dskips);
        }
        for (int level = encoder.size() - 1; level > 0; level--) {
            dh = unitBackward(pass, encoder.get(level).second, dh);
            dh = unitBackward(pass, encoder.get(level).first, dh);
            dh = poolBackward(pass, level, dh, dskips.pop());
        }
        dh = unitBackward(pass, encoder.get(0).second, dh);
        encoder.get(0).first.backward(pass, dx, firstChannel, null, dh);
        pass.keep(dy);
    }

    private Tensor encode(Pass pass, int level, Tensor x, Deque<Skip> skips, boolean training) {
        Encoding encoding = encoder.get(level);
        Tensor h = level == 0 ? x : pool(pass, level, x);
        h = unit(pass, encoding.first, h, null, training, false);
        boolean deepest = level == encoder.size() - 1;
        long mark = pass.arena().mark();
        h = unit(pass, encoding.second, h, null, training, !deepest);
        if (!deepest) {
            skips.push(new Skip(h, mark));
        }
        pass.probe("encoder_segment.block" + (level + 1), h);
        return h;
    }

    private Tensor decode(Pass pass, Decoding step, Tensor x, Tensor skip, boolean training) {
        Tensor enlarged = pass.output(x.dim(0), 2 * x.dim(1), 2 * x.dim(2), x.dim(3));
        pass.ops().bilinearUp2Forward(enlarged, x);
        pass.keep(enlarged);
        pass.save(step, new SavedUp(x.dims()));
        Tensor h = unit(pass, step.up, enlarged, null, training, false);
        h = unit(pass, step.first, h, skip, training, false);
        return unit(pass, step.second, h, null, training, false);
    }

    private Tensor decodeBackward(Pass pass, Decoding step, Tensor dy, Deque<Tensor> dskips) {
        Tensor dh = unitBackward(pass, step.second, dy);
        Tensor dup = pass.flow(dh.dim(0), dh.dim(1), dh.dim(2), step.up.outputs());
        Tensor dskip = pass.tensor(dh.dim(0), dh.dim(1), dh.dim(2), step.first.inputs() - step.up.outputs());
        step.first.backward(pass, dup, 0, dskip, dh);
        dskips.push(dskip);
        pass.keep(dup);
        Tensor denlarged = unitBackward(pass, step.up, dup);
        SavedUp saved = pass.restore(step, SavedUp.class);
        Tensor dx = pass.flow(saved.inputShape);
        pass.ops().bilinearUp2Backward(dx, denlarged);
        pass.keep(dx);
        return dx;
    }

    private Tensor unit(Pass pass, ConvolutionUnit unit, Tensor x, Tensor xTail, boolean training, boolean persistent) {
        int[] shape = {x.dim(0), x.dim(1), x.dim(2), unit.outputs()};
        Tensor y = persistent ? pass.tensor(shape) : pass.output(shape);
        if (training) {
            unit.forwardTraining(pass, y, x, xTail);
        } else {
            unit.forwardFolded(pass, y, x, xTail, folded.of(unit));
        }
        pass.keep(y);
        return y;
    }

    /** Backward of a unit with one input; dy is destroyed. */
    private static Tensor unitBackward(Pass pass, ConvolutionUnit unit, Tensor dy) {
        Tensor dx = pass.flow(dy.dim(0), dy.dim(1), dy.dim(2), unit.inputs());
        unit.backward(pass, dx, 0, null, dy);
        pass.keep(dx);
        return dx;
    }

    private Tensor pool(Pass pass, int level, Tensor x) {
        Tensor y = pass.output(x.dim(0), x.dim(1) / 2, x.dim(2) / 2, x.dim(3));
        try (var temporaries = pass.temporaries()) {
            Tensor argmax = pass.uint8(y.dims());
            pass.ops().maxPool2Forward(y, argmax, x);
            pass.save(encoder.get(level), new SavedPool(argmax));
        }
        pass.keep(y);
        return y;
    }

    /** Adds to the gradient that the skip connection brought, and returns it. */
    private Tensor poolBackward(Pass pass, int level, Tensor dy, Tensor dskip) {
        SavedPool saved = pass.restore(encoder.get(level), SavedPool.class);
        pass.ops().maxPool2Backward(dskip, dy, saved.argmax, true);
        pass.keep(dskip);
        return dskip;
    }

    private Tensor outputBackward(Pass pass, Tensor dy) {
        pass.label("decoder_segment.fin_out.0");
        SavedOutput saved = pass.restore(output, SavedOutput.class);
        Tensor dh = pass.flow(saved.h.dims());
        try (var scratch = pass.scratch()) {
            Tensor dlogits = pass.flowFloat32(dy.dims());
            pass.ops().activationBackward(dlogits, dy, saved.probabilities, Activation.SIGMOID);
            output.backwardParameters(pass, dlogits, saved.h, null);
            output.backwardData(pass, dh, dlogits);
        }
        pass.keep(dh);
        return dh;
    }

    private void requireInput(Pass pass, Tensor x, boolean training) {
        int multiple = SegmentationConfig.SIZE_MULTIPLE;
        if (x.rank() != 4
                || x.dtype() != DType.FLOAT32
                || x.dim(3) != config.inChannels()
                || x.dim(1) % multiple != 0
                || x.dim(2) % multiple != 0) {
            throw new IllegalArgumentException("the segmentation network reads float32[N,H,W," + config.inChannels()
                    + "] with H and W multiples of " + multiple + ", not " + x);
        }
        if (pass.saving() && !training) {
            throw new IllegalArgumentException(
                    "a pass that saves needs training mode: evaluation mode has no backward pass");
        }
    }
}
