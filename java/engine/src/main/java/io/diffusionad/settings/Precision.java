package io.diffusionad.settings;

import io.diffusionad.device.Device;
import io.diffusionad.tensor.DType;

/** The type of activations. Parameters, statistics and the images at both ends are float32 in every case. */
public enum Precision {
    /** bfloat16 where the device has a unit for it, else float32. */
    AUTO,
    FLOAT32,
    /** Half the memory; faster only on devices with a bfloat16 unit. */
    BF16;

    public DType on(Device device) {
        return this == BF16 || this == AUTO && device.hasFastBfloat16() ? DType.BFLOAT16 : DType.FLOAT32;
    }
}
