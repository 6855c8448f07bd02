package io.diffusionad.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A sound archive of {@code torch.save} around any pickle: four storages of 64 bytes. */
final class TorchArchive {
    private TorchArchive() {}

    static byte[] of(byte[] pickle) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            entry(zip, "data.pkl", pickle);
            for (int storage = 0; storage < 4; storage++) {
                entry(zip, "data/" + storage, new byte[64]);
            }
        }
        return out.toByteArray();
    }

    private static void entry(ZipOutputStream zip, String name, byte[] contents) throws IOException {
        CRC32 checksum = new CRC32();
        checksum.update(contents);
        ZipEntry entry = new ZipEntry("archive/" + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(contents.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(contents);
    }
}
