package io.diffusionad.ops;

import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;

/**
 * One call of an operation: its name, its operands, whether their shapes and types fit, and what it costs. The one
 * place for shape rules and cost formulas; checking, profiling and planning all read it.
 */
public final class OperationCall {
    /**
     * A tensor in its part; {@code written} includes updated ones. {@code aliasOf}: the operand that it may be
     * identical with.
     */
    private record Operand(String name, Tensor tensor, boolean read, boolean written, String aliasOf) {}

    private final String name;
    private final List<Operand> operands = new ArrayList<>(12);
    private long flop;

    OperationCall(String name) {
        this.name = name;
    }

    /** The method of {@link Ops}. */
    public String name() {
        return name;
    }

    /**
     * Floating-point operations of convolutions, matrix products and attention, a multiply-add being two; 0 for
     * operations whose cost is memory traffic.
     */
    public long flop() {
        return flop;
    }

    /** The least memory traffic: every input read once, every output written once. */
    public long bytes() {
        return operands.stream()
                .mapToLong(o -> (o.read ? o.tensor.bytes() : 0) + (o.written ? o.tensor.bytes() : 0))
                .sum();
    }

    public List<Tensor> outputs() {
        return operands.stream().filter(Operand::written).map(Operand::tensor).toList();
    }

    public List<Tensor> inputs() {
        return operands.stream().filter(Operand::read).map(Operand::tensor).toList();
    }

    OperationCall out(String operand, Tensor tensor) {
        return add(operand, tensor, false, true, null);
    }

    OperationCall in(String operand, Tensor tensor) {
        return add(operand, tensor, true, false, null);
    }

    /** An input that may be the same tensor as an output. */
    OperationCall in(String operand, Tensor tensor, String aliasOf) {
        return add(operand, tensor, true, false, aliasOf);
    }

    /** An input or output that may be absent. */
    OperationCall optionalIn(String operand, Tensor tensor) {
        return tensor == null ? this : in(operand, tensor);
    }

    OperationCall optionalOut(String operand, Tensor tensor) {
        return tensor == null ? this : out(operand, tensor);
    }

    /** Read and written. */
    OperationCall updated(String operand, Tensor tensor) {
        return add(operand, tensor, true, true, null);
    }

    /** Written, or added to. */
    OperationCall gradient(String operand, Tensor tensor, boolean accumulate) {
        return add(operand, tensor, accumulate, true, null);
    }

    OperationCall flop(long count) {
        flop = count;
        return this;
    }

    private OperationCall add(String operand, Tensor tensor, boolean read, boolean written, String aliasOf) {
        if (tensor == null) {
            throw new OpException(this + ": " + operand + " is missing");
        }
        operands.add(new Operand(operand, tensor, read, written, aliasOf));
        return this;
    }

    /** @throws OpException naming the operation, its operands and the broken rule */
    OperationCall require(boolean holds, String rule) {
        if (!holds) {
            throw new OpException(this + ": " + rule);
        }
        return this;
    }

    OperationCall rank(int rank, String... names) {
        for (String operand : names) {
            Tensor tensor = find(operand);
            if (tensor != null && tensor.rank() != rank) {
                throw new OpException(this + ": " + operand + " must have " + rank + " dimensions");
            }
        }
        return this;
    }

    /** Absent operands have any shape. */
    OperationCall shape(String operand, int... dims) {
        Tensor tensor = find(operand);
        if (tensor != null && !tensor.hasShape(dims)) {
            throw new OpException(this + ": " + operand + " must be " + Arrays.toString(dims));
        }
        return this;
    }

    OperationCall type(DType type, String... names) {
        for (String operand : names) {
            Tensor tensor = find(operand);
            if (tensor != null && tensor.dtype() != type) {
                throw new OpException(this + ": " + operand + " must be " + type);
            }
        }
        return this;
    }

    /** Float32 or bfloat16, the same for all. */
    OperationCall activations(String... names) {
        DType first = find(names[0]).dtype();
        require(first == DType.FLOAT32 || first == DType.BFLOAT16, names[0] + " must be FLOAT32 or BFLOAT16");
        return type(first, names);
    }

    /** Every operand is still owned by an open arena. */
    void checkLive() {
        operands.forEach(o -> o.tensor.checkLive());
    }

    /** Outputs overlap no other operand, except one that they may be identical with. */
    void checkAliasing() {
        for (Operand out : operands) {
            for (Operand other : operands) {
                boolean apart = out == other || !out.written || !overlap(out.tensor, other.tensor);
                boolean allowed = out.name.equals(other.aliasOf)
                        && out.tensor.address() == other.tensor.address()
                        && out.tensor.bytes() == other.tensor.bytes();
                require(apart || allowed, out.name + " overlaps " + other.name);
            }
        }
    }

    private static boolean overlap(Tensor a, Tensor b) {
        return a.address() < b.address() + b.bytes() && b.address() < a.address() + a.bytes();
    }

    private Tensor find(String operand) {
        return operands.stream()
                .filter(o -> o.name.equals(operand))
                .map(Operand::tensor)
                .findFirst()
                .orElse(null);
    }

    /** {@code conv2dForward y=float32[1,8,8,64] x=float32[1,8,8,32] …}. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(" ").add(name);
        operands.forEach(o -> text.add(o.name + "=" + o.tensor));
        return text.toString();
    }
}
