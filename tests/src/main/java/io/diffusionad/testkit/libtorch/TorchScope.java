package io.diffusionad.testkit.libtorch;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

import java.util.function.Supplier;

/**
 * Frees LibTorch's intermediate tensors as soon as C++ would: Java's garbage collector does not see how large they are.
 * What autograd saved stays, because it has references of its own.
 */
final class TorchScope {
    private TorchScope() {}

    /**
     * Runs a computation and frees every native object that it made but its result, which belongs to the enclosing
     * scope if there is one.
     */
    static <T extends Pointer> T keepingResult(Supplier<T> computation) {
        T result;
        try (PointerScope scope = new PointerScope()) {
            result = computation.get();
            result.retainReference();
        }
        PointerScope enclosing = PointerScope.getInnerScope();
        if (enclosing != null) {
            enclosing.attach(result);
            result.releaseReference();
        }
        return result;
    }
}
