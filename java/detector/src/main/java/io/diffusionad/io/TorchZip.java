package io.diffusionad.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The zip format of {@code torch.save}: {@code NAME/data.pkl}, and {@code NAME/data/KEY} for every storage, all stored
 * without compression. Compressed entries are refused, and entries may not add up to more than the file, so nothing can
 * inflate.
 */
final class TorchZip implements TorchStorages {
    private static final String DAMAGED = "it is damaged or truncated: copy or save it again";

    private final Path file;
    private final ZipFile zip;
    private final String prefix;
    private final Map<String, ByteBuffer> loaded = new HashMap<>();
    private long budget;

    private TorchZip(Path file, ZipFile zip, String prefix, long budget) {
        this.file = file;
        this.zip = zip;
        this.prefix = prefix;
        this.budget = budget;
    }

    static Object read(Path file) throws IOException {
        long size = Files.size(file);
        try (ZipFile zip = new ZipFile(file.toFile())) {
            TorchZip archive = new TorchZip(file, zip, prefix(file, zip), size);
            archive.requireSupported();
            TorchTensors tensors = new TorchTensors(file, size, archive);
            ByteBuffer pickle = archive.read("data.pkl", TorchCheckpoint.MAX_PICKLE_BYTES);
            return PickleMachine.load(file, pickle, new TorchUnpickler(file, tensors::rebuild));
        } catch (ZipException | EOFException e) {
            throw new InvalidFileException(file, "its zip archive cannot be read (" + e.getMessage() + ")", DAMAGED, e);
        }
    }

    private static String prefix(Path file, ZipFile zip) throws InvalidFileException {
        List<String> pickles = zip.stream()
                .map(ZipEntry::getName)
                .filter(name -> name.matches("[^/]+/data\\.pkl"))
                .toList();
        if (pickles.size() != 1) {
            throw new InvalidFileException(
                    file,
                    "it is a zip archive with " + pickles.size() + " data.pkl instead of one",
                    "give a file that torch.save wrote");
        }
        return pickles.get(0).substring(0, pickles.get(0).length() - "data.pkl".length());
    }

    private void requireSupported() throws IOException {
        if (zip.getEntry(prefix + "constants.pkl") != null) {
            throw new InvalidFileException(
                    file,
                    "it is a TorchScript archive, a program rather than a dictionary of tensors",
                    "save the weights with torch.save(model.state_dict(), path)");
        }
        if (zip.getEntry(prefix + "byteorder") != null) {
            String order =
                    StandardCharsets.US_ASCII.decode(read("byteorder", 16)).toString();
            if (!order.strip().equals("little")) {
                throw new InvalidFileException(
                        file, "its byte order is '" + order + "'", "save it on a little-endian machine");
            }
        }
    }

    @Override
    public ByteBuffer bytes(Reference reference) throws IOException {
        ByteBuffer bytes = loaded.get(reference.key());
        if (bytes == null) {
            bytes = read("data/" + reference.key(), Integer.MAX_VALUE - 8);
            loaded.put(reference.key(), bytes);
        }
        if (bytes.capacity() % reference.type().bytes() != 0
                || bytes.capacity() / reference.type().bytes() != reference.elements()) {
            throw new InvalidFileException(
                    file,
                    "storage '" + reference.key() + "' of " + reference.elements() + " " + reference.type()
                            + " elements has " + bytes.capacity() + " bytes",
                    DAMAGED);
        }
        return bytes;
    }

    private ByteBuffer read(String name, int limit) throws IOException {
        ZipEntry entry = zip.getEntry(prefix + name);
        if (entry == null) {
            throw new InvalidFileException(file, "its archive lacks '" + name + "'", DAMAGED);
        }
        if (entry.getMethod() != ZipEntry.STORED) {
            throw new InvalidFileException(
                    file,
                    "'" + name + "' is compressed, which torch.save never does",
                    "give the file that torch.save wrote, not one packed again");
        }
        budget -= entry.getSize();
        if (entry.getSize() < 0 || entry.getSize() > limit || budget < 0) {
            throw new InvalidFileException(
                    file, "'" + name + "' claims " + Long.toUnsignedString(entry.getSize()) + " bytes", DAMAGED);
        }
        byte[] bytes = new byte[(int) entry.getSize()];
        try (InputStream in = zip.getInputStream(entry)) {
            if (in.readNBytes(bytes, 0, bytes.length) != bytes.length) {
                throw new InvalidFileException(file, "it ends within '" + name + "'", DAMAGED);
            }
        }
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        if (checksum.getValue() != entry.getCrc()) {
            throw new InvalidFileException(file, "the checksum of '" + name + "' is wrong", DAMAGED);
        }
        return ByteBuffer.wrap(bytes);
    }
}
