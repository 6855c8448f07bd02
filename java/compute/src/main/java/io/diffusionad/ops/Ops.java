package io.diffusionad.ops;

/**
 * The seam between the networks and a device: stateless operations on tensors, outputs first, then inputs, then sizes.
 * No operation allocates tensors, infers a shape or remembers a call. Common to all of them:
 *
 * <ul>
 *   <li>activations are dense NHWC, float32 or bfloat16 (one type within a call unless said otherwise), accumulated in
 *       float32; parameters, statistics, parameter gradients and everything of the diffusion formulas are float32;
 *       {@link QuantizedOps} alone have activations in uint8;
 *   <li>a forward output or an activation gradient is overwritten ({@code =}), unless a parameter named
 *       {@code accumulate} says otherwise; parameter gradients ({@code dw}, {@code dbias}, {@code dgamma},
 *       {@code dbeta}) are added to ({@code +=});
 *   <li>outputs do not overlap inputs, except where said;
 *   <li>results are deterministic: the same inputs on the same device give the same bits, whatever the thread count;
 *   <li>a call may return before the device is done ({@code Device.synchronize}); failures throw {@link OpException}
 *       naming the operation, its shapes and the device's status. Calls on one instance come from one thread at a time.
 * </ul>
 */
public interface Ops
        extends ConvolutionOps,
                NormalizationOps,
                QuantizedOps,
                AttentionOps,
                ResampleOps,
                LinearOps,
                ElementwiseOps,
                DiffusionOps,
                LossOps {
    /**
     * Says which layer the following operations belong to, as {@code down.1.0.in_layers}; for decorators that report by
     * layer. Devices ignore it.
     *
     * @param name the prefix of the layer's parameter names
     */
    default void layer(String name) {
        // Only decorators care.
    }
}
