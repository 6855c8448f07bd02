package io.diffusionad.app.fetch;

import io.diffusionad.error.InvalidInputException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Downloads from a server that behaves, and from one that does not. */
class DownloadTest {
    private static final int LENGTH = 300_000;

    @TempDir
    private Path folder;

    private final byte[] contents = bytes(1);
    private final FileServer server = new FileServer(contents);
    private final List<String> notes = new ArrayList<>();
    private long last;
    private long total;

    private static byte[] bytes(long seed) {
        byte[] bytes = new byte[LENGTH];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Download.DownloadBuilder quick() {
        return Download.builder().pause(Duration.ofMillis(5)).attempts(3);
    }

    private void fetch(Download download, String path, boolean verifiable) throws IOException, InterruptedException {
        download.fetch(server.address(path), target(), verifiable, new Download.Listener() {
            @Override
            public void at(long done, long of) {
                last = done;
                total = of;
            }

            @Override
            public void note(String words) {
                notes.add(words);
            }
        });
    }

    private Path target() {
        return folder.resolve("file.zip");
    }

    private Path part() {
        return folder.resolve("file.zip.part");
    }

    private long offset(int request) {
        return Long.parseLong(server.requests.get(request).replaceAll("bytes=(\\d+)-.*", "$1"));
    }

    private void assertWhole(byte[] expected) throws IOException {
        assertArrayEquals(expected, Files.readAllBytes(target()));
        assertFalse(Files.exists(part()), "the partial file has its final name");
        assertFalse(Files.exists(folder.resolve("file.zip.part.json")));
    }

    private String refusal(Download download, String path) {
        return assertThrows(InvalidInputException.class, () -> fetch(download, path, false))
                .getMessage();
    }

    @Test
    void comesWholeThroughARedirectionWithProgress() throws Exception {
        fetch(quick().build(), "/moved", false);
        assertWhole(contents);
        assertEquals(LENGTH, last);
        assertEquals(LENGTH, total);
        assertEquals(List.of("null null"), server.requests);
    }

    @Test
    void cutConnectionsAreTakenUpWhereTheyBroke() throws Exception {
        server.cuts.addAll(List.of(100_000, 50_000));
        fetch(quick().build(), "/file.zip", false);
        assertWhole(contents);
        assertEquals(3, server.requests.size());
        assertTrue(
                offset(1) > 0 && offset(1) <= 100_000 && offset(2) > offset(1) && offset(2) <= 150_000,
                server.requests.toString());
        assertEquals(2, notes.size(), notes.toString());
    }

    @Test
    void anotherRunGoesOnToo() throws Exception {
        server.cuts.addAll(List.of(70_000));
        String message = refusal(quick().attempts(1).build(), "/file.zip");
        assertTrue(message.contains("run the same command") && message.contains("127.0.0.1"), message);
        assertFalse(Files.exists(target()), "half a file never has its final name");
        long arrived = Files.size(part());
        assertTrue(arrived > 0 && arrived <= 70_000, "arrived: " + arrived);
        fetch(quick().build(), "/file.zip", false);
        assertWhole(contents);
        assertEquals(arrived, offset(1));
    }

    @Test
    void aChangedFileBeginsAgain() throws Exception {
        server.cuts.addAll(List.of(70_000));
        refusal(quick().attempts(1).build(), "/file.zip");
        server.etag = "\"v2\"";
        server.contents = bytes(2);
        fetch(quick().build(), "/file.zip", false);
        assertWhole(server.contents);
    }

    @Test
    void aServerThatIgnoresRangesBeginsAgain() throws Exception {
        server.ranges = false;
        server.cuts.addAll(List.of(200_000));
        fetch(quick().build(), "/file.zip", false);
        assertWhole(contents);
        assertTrue(notes.stream().anyMatch(note -> note.contains("begins again")), notes.toString());
    }

    @Test
    void withoutVersionsOnlyAChecksumAllowsToGoOn() throws Exception {
        server.etag = null;
        server.cuts.addAll(List.of(200_000));
        fetch(quick().build(), "/file.zip", false);
        assertWhole(contents);
        assertEquals(List.of("null null", "null null"), server.requests);
        Files.delete(target());
        server.cuts.addAll(List.of(200_000));
        fetch(quick().build(), "/file.zip", true);
        assertWhole(contents);
        assertTrue(offset(3) > 0 && server.requests.get(3).endsWith("- null"), server.requests.toString());
    }

    @Test
    void allBytesWithoutTheirFinalNameAreNotFetchedTwice() throws Exception {
        Files.write(part(), contents);
        Files.writeString(
                folder.resolve("file.zip.part.json"),
                "{\"url\":\"" + server.address("/file.zip") + "\",\"validator\":\"\\\"v1\\\"\"}");
        fetch(quick().build(), "/file.zip", false);
        assertWhole(contents);
        assertEquals(List.of("bytes=300000- \"v1\""), server.requests);
    }

    @Test
    void aBusyServerIsAskedAgainAndARefusalIsTold() throws Exception {
        server.failures.addAll(List.of(503, 429));
        fetch(quick().build(), "/file.zip", false);
        assertWhole(contents);
        Files.delete(target());
        server.failures.addAll(List.of(404));
        String message = refusal(quick().build(), "/file.zip");
        assertTrue(message.contains("404") && message.contains("--url"), message);
    }

    @Test
    void silenceCountsAsACut() throws Exception {
        server.hang = true;
        server.cuts.addAll(List.of(10_000));
        fetch(quick().patience(Duration.ofMillis(400)).build(), "/file.zip", false);
        assertWhole(contents);
        assertTrue(offset(1) > 0, server.requests.toString());
    }

    @Test
    void aFullDiskIsToldAndTheDownloadGoesOnLater() throws Exception {
        int room = 120_000;
        Download full = quick().opener((file, append) -> new FilterOutputStream(PartialFile.openOnDisk(file, append)) {
                    private int left = room;

                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        int fits = Math.min(left, length);
                        out.write(bytes, offset, fits);
                        left -= fits;
                        if (fits < length) {
                            throw new IOException("No space left on device");
                        }
                    }
                })
                .build();
        String message = refusal(full, "/file.zip");
        assertTrue(
                message.contains(folder.toString())
                        && message.contains("No space left on device")
                        && message.contains("make room"),
                message);
        assertFalse(Files.exists(target()));
        assertArrayEquals(Arrays.copyOf(contents, room), Files.readAllBytes(part()));
        fetch(quick().build(), "/file.zip", false);
        assertWhole(contents);
        assertEquals("bytes=120000- \"v1\"", server.requests.get(1));
    }

    @Test
    void onlyHttpsIsAskedAndNoRedirectionLeadsAway() {
        assertTrue(refusal(quick().build(), "/abroad").contains("http://example.org/file.zip is not https"));
        assertTrue(refusal(quick().build(), "/round").contains("without end"));
        for (String address :
                List.of("http://example.org/a.zip", "ftp://example.org/a.zip", "file:///etc/passwd", "https:nothing")) {
            String message = assertThrows(InvalidInputException.class, () -> quick().build()
                            .fetch(URI.create(address), target(), false, null))
                    .getMessage();
            assertTrue(message.contains(address) && message.contains("https://"), message);
        }
    }

    @Test
    void outputStreamsOfTheDiskAppendOrBegin() throws Exception {
        for (boolean append : new boolean[] {false, true}) {
            try (OutputStream out = PartialFile.openOnDisk(part(), append)) {
                out.write(7);
            }
        }
        assertEquals(2, Files.size(part()));
    }
}
