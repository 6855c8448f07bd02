package io.diffusionad.backend.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Properties;

/** The CPU backend's native libraries as the jar holds them. */
final class NativeResources {
    static final String PLATFORM = "linux-x86_64";
    static final String OPENMP = "libdiffusionad_openmp.so";
    static final String LIBGOMP = "libgomp.so.1";
    static final String BACKEND = "libdiffusionad_cpu.so";
    static final List<String> FILES = List.of(OPENMP, LIBGOMP, "libdnnl.so.3", BACKEND);
    /** Written by the build: the size of every file, and a fingerprint of the contents of all. */
    private static final String LIST = "libraries.properties";

    private final Properties list = new Properties();

    /** @throws IOException where the jar has none */
    NativeResources() throws IOException {
        try (InputStream in = open(LIST)) {
            list.load(in);
        }
    }

    String fingerprint() {
        return list.getProperty("fingerprint");
    }

    /** In bytes. */
    long size(String file) {
        return Long.parseLong(list.getProperty(file));
    }

    InputStream open(String file) throws IOException {
        InputStream in = NativeResources.class.getResourceAsStream("/natives/" + PLATFORM + "/" + file);
        if (in == null) {
            throw new IOException("no " + file + " for " + PLATFORM);
        }
        return in;
    }
}
