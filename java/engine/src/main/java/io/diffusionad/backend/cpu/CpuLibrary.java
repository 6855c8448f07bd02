package io.diffusionad.backend.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Loads the CPU backend's native libraries from the jar, once. */
final class CpuLibrary {
    private static final List<String> FILES = List.of("libgomp.so.1", "libdnnl.so.3", "libdiffusionad_cpu.so");
    private static boolean loaded;

    private CpuLibrary() { }

    static synchronized void load() {
        if (loaded) {
            return;
        }
        try {
            Path folder = Files.createTempDirectory("diffusionad-native");
            for (String file : FILES) {
                Path target = folder.resolve(file);
                try (InputStream in = CpuLibrary.class.getResourceAsStream("/natives/linux-x86_64/" + file)) {
                    if (in == null) {
                        throw new IllegalStateException("the jar holds no " + file + " for linux-x86_64");
                    }
                    Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
                }
                target.toFile().deleteOnExit();
                System.load(target.toString());
            }
            folder.toFile().deleteOnExit();
            loaded = true;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack the native libraries", e);
        }
    }
}
