package io.diffusionad.app.fetch;

import io.diffusionad.error.InvalidInputException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.compressors.CompressorStreamFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Archives of every kind, and those that want to write elsewhere. */
class UnpackerTest {
    @TempDir
    private Path folder;

    private Path archive;
    private Path out;

    @BeforeEach
    void prepare() throws IOException {
        archive = folder.resolve("archive");
        out = Files.createDirectory(folder.resolve("out"));
    }

    /** Writes entries into a tar. */
    @FunctionalInterface
    private interface Entries {
        void write(TarArchiveOutputStream tar) throws IOException;
    }

    private static byte[] tar(Entries entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            entries.write(tar);
        }
        return bytes.toByteArray();
    }

    private static void file(TarArchiveOutputStream tar, String name, String text) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(text.length());
        tar.putArchiveEntry(entry);
        tar.write(text.getBytes(StandardCharsets.US_ASCII));
        tar.closeArchiveEntry();
    }

    private static void link(TarArchiveOutputStream tar, String name, String target, byte kind) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, kind);
        entry.setLinkName(target);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    private void unpack() throws IOException {
        Unpacker.unpack(archive, out, bytes -> {});
    }

    private void assertRefused(String words) throws IOException {
        String message = assertThrows(InvalidInputException.class, this::unpack).getMessage();
        assertTrue(message.contains(words) && message.contains(archive.toString()), message);
        assertEquals(1, message.lines().count());
        assertFalse(Files.exists(folder.resolve("evil")), "nothing is written outside");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"plain", CompressorStreamFactory.GZIP, CompressorStreamFactory.BZIP2, CompressorStreamFactory.XZ
            })
    void tarsOfEveryCompression(String compression) throws Exception {
        String longName = "a/" + "long".repeat(40) + ".txt";
        byte[] tar = tar(t -> {
            file(t, "./a/b.txt", "hello");
            file(t, longName, "x");
            link(t, "a/soft", "b.txt", TarConstants.LF_SYMLINK);
            link(t, "a/hard", "a/b.txt", TarConstants.LF_LINK);
        });
        try (OutputStream file = Files.newOutputStream(archive);
                OutputStream packed = compression.equals("plain")
                        ? file
                        : new CompressorStreamFactory().createCompressorOutputStream(compression, file)) {
            packed.write(tar);
        }
        AtomicLong read = new AtomicLong();
        Unpacker.unpack(archive, out, read::set);
        assertEquals("hello", Files.readString(out.resolve("a/b.txt")));
        assertEquals("x", Files.readString(out.resolve(longName)));
        assertTrue(Files.isSymbolicLink(out.resolve("a/soft")));
        assertEquals("hello", Files.readString(out.resolve("a/soft")));
        assertEquals("hello", Files.readString(out.resolve("a/hard")));
        assertEquals(Files.size(archive), read.get());
    }

    @Test
    void zips() throws Exception {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            zip.putNextEntry(new ZipEntry("a/"));
            zip.putNextEntry(new ZipEntry("a\\ü.txt"));
            zip.write("hello".getBytes(StandardCharsets.US_ASCII));
        }
        unpack();
        assertEquals("hello", Files.readString(out.resolve("a/ü.txt")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "/evil", "a/../../evil", "..\\evil", "C:\\evil"})
    void entriesOutsideAreRefused(String name) throws Exception {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(1);
        }
        assertRefused("outside its folder");
        Files.write(archive, tar(t -> file(t, name.replace('\\', '/'), "x")));
        assertRefused("outside its folder");
    }

    @Test
    void linksOutsideAreRefused() throws Exception {
        for (String target : new String[] {"../../evil", "/etc/passwd", "..", "x/../../.."}) {
            Files.write(archive, tar(t -> link(t, "a", target, TarConstants.LF_SYMLINK)));
            assertRefused("outside its folder");
            Files.write(
                    archive, tar(t -> link(t, "a", target.equals("..") ? "../evil" : target, TarConstants.LF_LINK)));
            assertRefused("outside its folder");
        }
        try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(archive)) {
            ZipArchiveEntry entry = new ZipArchiveEntry("a");
            entry.setUnixMode(0120777);
            zip.putArchiveEntry(entry);
            zip.write("../../evil".getBytes(StandardCharsets.US_ASCII));
            zip.closeArchiveEntry();
        }
        assertRefused("outside its folder");
    }

    /** A link to a folder and then a file below the link: the file must not go where the link points. */
    @Test
    void noFileIsWrittenThroughALink() throws Exception {
        Files.write(archive, tar(t -> {
            file(t, "real/keep", "kept");
            link(t, "way", "real", TarConstants.LF_SYMLINK);
            file(t, "way/keep", "other");
        }));
        unpack();
        assertEquals("kept", Files.readString(out.resolve("real/keep")));
        assertEquals("other", Files.readString(out.resolve("way/keep")));
        assertFalse(Files.isSymbolicLink(out.resolve("way")));
    }

    @Test
    void damagedArchivesAreToldInASentence() throws Exception {
        byte[] tar = tar(t -> file(t, "a.txt", "hello".repeat(2000)));
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream gzip =
                new CompressorStreamFactory().createCompressorOutputStream(CompressorStreamFactory.GZIP, packed)) {
            gzip.write(tar);
        }
        byte[] gz = packed.toByteArray();
        Files.write(archive, java.util.Arrays.copyOf(gz, gz.length / 2));
        assertRefused("is damaged");
        Files.write(archive, java.util.Arrays.copyOf(tar, 3000));
        assertRefused("is damaged");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            zip.setMethod(ZipOutputStream.STORED);
            ZipEntry entry = new ZipEntry("a");
            entry.setSize(1);
            entry.setCrc(0xD202EF8DL);
            zip.putNextEntry(entry);
            zip.write(0);
        }
        byte[] zip = Files.readAllBytes(archive);
        zip[31] = 9; // the only byte of the entry
        Files.write(archive, zip);
        assertRefused("is damaged (the checksum of a");
        Files.writeString(archive, "<!DOCTYPE html><html>sign in</html>");
        assertRefused("is a web page");
        Files.writeString(archive, "something else");
        assertRefused("is neither zip nor tar");
        Files.write(archive, new byte[0]);
        assertRefused("is neither zip nor tar");
    }
}
