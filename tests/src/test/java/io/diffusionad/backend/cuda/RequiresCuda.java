package io.diffusionad.backend.cuda;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;

/**
 * Tests that need a CUDA device, real or emulated. Without one they are skipped with the provider's reason. Where
 * {@code -Ddiffusionad.cuda.expected=true} says that the build's emulated driver is on the library path, only a build
 * without kernels is a reason to skip; any other is a failure.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresCuda.Condition.class)
public @interface RequiresCuda {
    /** See {@link RequiresCuda}. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            Optional<String> cause = new CudaDeviceProvider().unavailabilityCause();
            if (cause.isEmpty()) {
                return ConditionEvaluationResult.enabled("a CUDA device is there");
            }
            if (KernelTable.isPresent() && Boolean.getBoolean("diffusionad.cuda.expected")) {
                throw new AssertionError("this run expects a CUDA device: " + cause.get());
            }
            return ConditionEvaluationResult.disabled(cause.get());
        }
    }
}
