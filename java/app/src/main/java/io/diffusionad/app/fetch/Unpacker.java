package io.diffusionad.app.fetch;

import io.diffusionad.error.InvalidInputException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.compressors.CompressorException;
import org.apache.commons.compress.compressors.CompressorStreamFactory;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.function.LongConsumer;

/**
 * Unpacks zip and tar archives, the latter plain or by gzip, bzip2 or xz; told apart by their bytes, not by their
 * names. Stateless.
 */
public final class Unpacker {
    private static final int ZIP_MAGIC = 0x504B;
    private static final int PEEK = 512;
    private static final int TAR_MAGIC_AT = 257;

    private Unpacker() {}

    /**
     * @param folder an empty folder
     * @param progress told the bytes of the archive that have been read (tar) or unpacked (zip)
     * @throws InvalidInputException if it is no archive, is damaged, or wants to write outside the folder
     * @throws IOException if the disk fails
     */
    public static void unpack(Path archive, Path folder, LongConsumer progress) throws IOException {
        byte[] head = head(archive);
        UnpackedTree tree = new UnpackedTree(folder, archive);
        if (head.length >= 4 && (head[0] << 8 | head[1]) == ZIP_MAGIC) {
            unzip(archive, tree, progress);
        } else {
            untar(archive, head, tree, progress);
        }
        tree.link();
    }

    private static byte[] head(Path archive) throws IOException {
        try (InputStream in = Files.newInputStream(archive)) {
            return in.readNBytes(PEEK);
        }
    }

    private static void unzip(Path archive, UnpackedTree tree, LongConsumer progress) throws IOException {
        long done = 0;
        try (ZipFile zip = open(archive)) {
            for (Enumeration<ZipArchiveEntry> entries = zip.getEntriesInPhysicalOrder(); entries.hasMoreElements(); ) {
                ZipArchiveEntry entry = entries.nextElement();
                if (!zip.canReadEntryData(entry)) {
                    throw new InvalidInputException("the entry " + entry.getName() + " of " + archive
                            + " is encrypted or compressed in an unknown way: unpack it with another program");
                }
                if (entry.isUnixSymlink()) {
                    tree.addLink(entry.getName(), read(() -> zip.getUnixSymlink(entry), archive), false);
                } else if (entry.isDirectory()) {
                    tree.addFolder(entry.getName());
                } else {
                    try (InputStream in = zip.getInputStream(entry)) {
                        tree.addFile(entry.getName(), in, entry.getCrc());
                    }
                }
                done += Math.max(0, entry.getCompressedSize());
                progress.accept(done);
            }
        }
    }

    private static ZipFile open(Path archive) {
        return read(() -> ZipFile.builder().setPath(archive).get(), archive);
    }

    private static void untar(Path archive, byte[] head, UnpackedTree tree, LongConsumer progress) throws IOException {
        try (CountingStream counted = new CountingStream(Files.newInputStream(archive), progress);
                TarArchiveInputStream tar = new TarArchiveInputStream(
                        decompressed(new BufferedInputStream(counted, 1 << 16), archive, head), "UTF-8")) {
            for (TarArchiveEntry entry = read(tar::getNextEntry, archive);
                    entry != null;
                    entry = read(tar::getNextEntry, archive)) {
                if (entry.isSymbolicLink() || entry.isLink()) {
                    tree.addLink(entry.getName(), entry.getLinkName(), entry.isLink());
                } else if (entry.isDirectory()) {
                    tree.addFolder(entry.getName());
                } else if (entry.isFile()) {
                    tree.addFile(entry.getName(), tar, UnpackedTree.NO_CRC);
                }
            }
            while (read(() -> counted.skip(1 << 20), archive) > 0) {
                continue; // what lies behind the tar's end counts for the progress
            }
        }
    }

    private static InputStream decompressed(BufferedInputStream in, Path archive, byte[] head) throws IOException {
        try {
            String method = CompressorStreamFactory.detect(in);
            return read(
                    () -> {
                        try {
                            return new BufferedInputStream(
                                    new CompressorStreamFactory(true).createCompressorInputStream(method, in), 1 << 16);
                        } catch (CompressorException e) {
                            throw new IOException(e.getMessage(), e);
                        }
                    },
                    archive);
        } catch (CompressorException e) {
            if (head.length >= TAR_MAGIC_AT + 5
                    && new String(head, TAR_MAGIC_AT, 5, java.nio.charset.StandardCharsets.US_ASCII).equals("ustar")) {
                return in;
            }
            String text = new String(head, java.nio.charset.StandardCharsets.ISO_8859_1)
                    .stripLeading()
                    .toLowerCase(java.util.Locale.ROOT);
            throw new InvalidInputException(
                    text.startsWith("<!doctype") || text.startsWith("<html")
                            ? archive
                                    + " is a web page and no archive: the address wants a browser, store the archive with one "
                                    + "and give it with --archive FILE"
                            : archive
                                    + " is neither zip nor tar (plain, gzip, bzip2 or xz): unpack it with another program",
                    e);
        }
    }

    /** Something that reads the archive. */
    @FunctionalInterface
    interface Reading<T> {
        T run() throws IOException;
    }

    /** Failures of reading mean that the archive is damaged; those of writing pass as they are. */
    static <T> T read(Reading<T> reading, Path archive) {
        try {
            return reading.run();
        } catch (IOException | IllegalArgumentException e) {
            throw new InvalidInputException(
                    "the archive " + archive + " is damaged ("
                            + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
                            + "): remove it and fetch it again",
                    e);
        }
    }
}
