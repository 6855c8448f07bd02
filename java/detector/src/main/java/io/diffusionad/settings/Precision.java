package io.diffusionad.settings;

import io.diffusionad.device.Device;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.tensor.DType;

/** How exactly a network computes. Parameters, statistics and the images at both ends are float32 in every case. */
public enum Precision {
    /** bfloat16 where the device has a unit for it, else float32. */
    AUTO,
    FLOAT32,
    /** Half the memory; faster only on devices with a bfloat16 unit. */
    BF16,
    /**
     * For inference with a calibrated checkpoint: the residual blocks' convolutions of the reconstruction network in 8
     * bits where that saves time ({@link Device#gainsFromInt8}), with weights scaled per output channel and activations
     * by measured ranges; everything else as with {@link #AUTO}.
     */
    INT8;

    /**
     * The type of activations.
     *
     * @throws InvalidInputException when the device cannot
     */
    public DType on(Device device) {
        if (this == INT8 && !device.computesInt8()) {
            throw new InvalidInputException(
                    "int8 needs a CPU with AVX2, which " + device.name() + " is not: choose bf16 or float32 instead");
        }
        return this != FLOAT32 && (this == BF16 || device.hasFastBfloat16()) ? DType.BFLOAT16 : DType.FLOAT32;
    }

    /**
     * This, where int8 has no meaning. @param what for the message: "training" @throws InvalidInputException for int8
     */
    public Precision requireFloating(String what) {
        if (this == INT8) {
            throw new InvalidInputException(
                    "int8 is for detection with a trained model: choose float32, bf16 or auto for " + what);
        }
        return this;
    }
}
