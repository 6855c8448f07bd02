package io.diffusionad.backend.cuda;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.device.Transfers;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.Tensor;

/**
 * A process of its own for {@link TwoCardsTest}: both cards take turns on one thread, then a second thread uses one of
 * them. Prints what came of it.
 */
final class TwoCardsProbe {
    private TwoCardsProbe() {}

    public static void main(String[] arguments) throws InterruptedException {
        try (Device first = Devices.open("cuda:0", DeviceOptions.DEFAULT);
                Device second = Devices.open("cuda:1", DeviceOptions.DEFAULT);
                Arena onFirst = first.newArena("first");
                Arena onSecond = second.newArena("second")) {
            Tensor a = onFirst.float32(64);
            Tensor more = onFirst.float32(64);
            Tensor b = onSecond.float32(64);
            first.ops().fill(a, 1);
            second.ops().fill(b, 2);
            first.ops().fill(more, 2);
            first.ops().addScaled(a, more, 1);
            System.out.println(first.name() + " " + Transfers.toFloats(first, a)[63] + ", " + second.name() + " "
                    + Transfers.toFloats(second, b)[63]);
            Thread other = new Thread(() -> {
                first.ops().fill(a, 5);
                first.synchronize();
            });
            other.start();
            other.join();
            second.ops().fill(b, 6);
            System.out.println(first.name() + " " + Transfers.toFloats(first, a)[63] + ", " + second.name() + " "
                    + Transfers.toFloats(second, b)[63]);
        }
    }
}
