package io.diffusionad.testkit.cases;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.tensor.DType;
import io.diffusionad.testkit.GeneratorNoise;
import io.diffusionad.testkit.OperationCase;

import java.util.ArrayList;
import java.util.List;

/**
 * The operation table and the noise of one device as a program, for a JVM of its own (another instruction set, another
 * driver, a machine without the tests): {@code OperationTableCheck DEVICE [THREADS]}. Prints a line per failure and
 * exits with 1 if there is any. Int8 operations are left out where the device lacks them.
 */
public final class OperationTableCheck {
    private OperationTableCheck() {}

    public static void main(String[] args) {
        if (args.length < 1 || args.length > 2) {
            System.err.println("usage: OperationTableCheck DEVICE [THREADS]");
            System.exit(2);
        }
        int threads = args.length == 2 ? Integer.parseInt(args[1]) : 0;
        List<OperationCase> cases = args[0].equals("cpu") ? OperationTable.selectedForCpu() : OperationTable.selected();
        int checks = 0;
        List<String> failures;
        try (Device device = Devices.open(args[0], new DeviceOptions(threads, DeviceOptions.DEFAULT.providers()))) {
            failures = new ArrayList<>();
            checks++;
            failure("noise beside its generator", () -> GeneratorNoise.check(device), failures);
            for (OperationCase operationCase :
                    cases.stream().filter(c -> c.runsOn(device)).toList()) {
                for (DType precision : operationCase.precisions()) {
                    checks++;
                    failure(
                            operationCase.name() + " " + precision,
                            () -> operationCase.check(device, precision, OperationTable.SEED),
                            failures);
                }
            }
            System.out.println(device.name() + ": " + device.description());
        }
        failures.forEach(System.out::println);
        System.out.println(checks + " checks, " + failures.size() + " failed");
        System.exit(failures.isEmpty() ? 0 : 1);
    }

    /** One failed case must not hide the others, whether its numbers are wrong or the device refuses it. */
    private static void failure(String name, Runnable check, List<String> failures) {
        try {
            check.run();
        } catch (AssertionError | RuntimeException e) {
            failures.add("FAILED " + name + ": " + e.getMessage());
        }
    }
}
