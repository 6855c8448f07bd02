package io.diffusionad.io;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a checkpoint's raw tensor data comes from: entries of a zip archive, or the tail of the legacy stream. */
interface TorchStorages {
    /** A storage as the pickle names it. */
    record Reference(ElementType type, String key, long elements) {}

    /**
     * All bytes of a storage, {@code elements · type.bytes()} of them. @throws InvalidFileException when the file does
     * not have them
     */
    ByteBuffer bytes(Reference reference) throws IOException;
}
