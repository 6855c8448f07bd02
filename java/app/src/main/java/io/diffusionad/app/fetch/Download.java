package io.diffusionad.app.fetch;

import io.diffusionad.app.console.ProgramVersion;
import io.diffusionad.app.console.Units;
import io.diffusionad.error.InvalidInputException;
import lombok.Builder;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fetches one file over HTTP. What has arrived stays in {@code NAME.part}; a cut connection is taken up again where it
 * broke, in this run and in the next, as long as the server vouches that the file is the same ({@code If-Range}) or its
 * checksum is known. The final name appears when the file is whole. Addresses are https, before and behind every
 * redirection; plain http only on this machine. Not thread-safe.
 */
@Builder
public final class Download {
    private static final int BUFFER = 1 << 16;
    private static final int MAX_REDIRECTIONS = 10;
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (?:(\\d+)-(\\d+)|\\*)/(\\d+|\\*)");

    @Builder.Default
    private final HttpClient client = HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(30))
            .build();
    /** A connection that sends nothing for so long counts as cut. */
    @Builder.Default
    private final Duration patience = Duration.ofSeconds(60);
    /** The wait after the first failure; it doubles with each further one. */
    @Builder.Default
    private final Duration pause = Duration.ofSeconds(1);
    /** Failures in a row, without a byte between them, before it gives up. */
    @Builder.Default
    private final int attempts = 5;

    @Builder.Default
    private final PartialFile.Opener opener = PartialFile::openOnDisk;

    /** How far it is. Called by the downloading thread. */
    public interface Listener {
        /** @param total bytes of the whole file, or -1 when the server does not say */
        void at(long done, long total);

        /** Something the user may want to know; the download goes on. */
        void note(String words);
    }

    /** A write that failed, told apart from a connection that did. */
    private static final class DiskException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DiskException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /**
     * @param verifiable whether the caller knows a checksum, so that a server without ETag and date can be trusted to
     *     go on with the same file
     * @throws InvalidInputException with what to do, when the server refuses, the connection stays cut, or the disk is
     *     full; what has arrived is kept
     */
    public void fetch(URI address, Path target, boolean verifiable, Listener listener)
            throws IOException, InterruptedException {
        Addresses.require(address);
        PartialFile part = new PartialFile(target);
        int failures = 0;
        while (true) {
            long before = part.size();
            try {
                attempt(address, part, verifiable, listener);
                part.complete();
                return;
            } catch (DiskException e) {
                throw new InvalidInputException(
                        "the disk of " + target.toAbsolutePath().getParent() + " took no more after "
                                + Units.bytes(part.size())
                                + " of "
                                + target.getFileName() + " (" + e.getMessage()
                                + "): make room and run the same command, it goes on from there",
                        e);
            } catch (IOException e) {
                failures = part.size() > before ? 1 : failures + 1;
                if (failures >= attempts) {
                    throw new InvalidInputException(
                            "the connection to " + address.getHost() + " was cut (" + reason(e) + ") after "
                                    + Units.bytes(part.size()) + " of "
                                    + target.getFileName() + ": run the same command later, it goes on from there",
                            e);
                }
                listener.note("connection cut (" + reason(e) + "), trying again");
                Thread.sleep(pause.toMillis() << (failures - 1));
            }
        }
    }

    private void attempt(URI address, PartialFile part, boolean verifiable, Listener listener)
            throws IOException, InterruptedException {
        PartialFile.Origin origin = part.origin();
        boolean known =
                origin != null && address.toString().equals(origin.url()) && (origin.validator() != null || verifiable);
        long have = known ? part.size() : 0;
        HttpResponse<InputStream> response = ask(address, have, known ? origin.validator() : null);
        try (InputStream body = response.body()) {
            if (response.statusCode() == 416 && isWhole(response, have)) {
                return;
            }
            long total = begin(response, address, have, part);
            boolean append = response.statusCode() == 206;
            if (have > 0 && !append) {
                listener.note("the server does not go on in the middle: begins again");
            }
            part.note(new PartialFile.Origin(address.toString(), validator(response)));
            copy(body, part, append ? have : 0, total, listener);
        }
    }

    private HttpResponse<InputStream> ask(URI address, long from, String validator)
            throws IOException, InterruptedException {
        URI at = address;
        for (int hop = 0; hop <= MAX_REDIRECTIONS; hop++) {
            HttpRequest.Builder request = HttpRequest.newBuilder(Addresses.require(at))
                    .header("User-Agent", "diffusionad/" + ProgramVersion.number())
                    .timeout(patience);
            if (from > 0) {
                request.header("Range", "bytes=" + from + "-");
                if (validator != null) {
                    request.header("If-Range", validator);
                }
            }
            HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
            String location = response.statusCode() / 100 == 3
                    ? response.headers().firstValue("Location").orElse(null)
                    : null;
            if (location == null) {
                return response;
            }
            response.body().close();
            at = at.resolve(location.replace(" ", "%20"));
        }
        throw new InvalidInputException(
                "the address " + address + " sends from one place to the next without end: look for another one");
    }

    /** Checks the answer and makes sure of room for it. @return the whole file's bytes, or -1 */
    private static long begin(HttpResponse<InputStream> response, URI address, long have, PartialFile part)
            throws IOException {
        int status = response.statusCode();
        if (status == 408 || status == 429 || status >= 500) {
            throw new IOException("the server answered " + status);
        }
        if (status == 416) {
            part.discard();
            throw new IOException("the file has changed");
        }
        if (status != 200 && status != 206) {
            throw new InvalidInputException("the address " + address + " answered " + status
                    + (status == 401 || status == 403
                            ? " (not allowed)"
                            : status == 404 || status == 410 ? " (nothing there)" : "")
                    + ": look on the publisher's page for the present one and give it with --url");
        }
        long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
        long total = status == 200 ? length : -1;
        if (status == 206) {
            Matcher range = CONTENT_RANGE.matcher(
                    response.headers().firstValue("Content-Range").orElse(""));
            if (!range.matches() || range.group(1) == null || Long.parseLong(range.group(1)) != have) {
                part.discard();
                throw new IOException("the server sent another part than was asked for");
            }
            total = range.group(3).equals("*") ? -1 : Long.parseLong(range.group(3));
        }
        requireRoom(part.path(), total - (status == 206 ? have : 0));
        return total;
    }

    private static void requireRoom(Path part, long bytes) throws IOException {
        long usable = Files.getFileStore(part.toAbsolutePath().getParent()).getUsableSpace();
        if (bytes > usable) {
            throw new InvalidInputException("the disk of "
                    + part.toAbsolutePath().getParent() + " has " + Units.bytes(usable) + " left, the archive needs "
                    + Units.bytes(bytes)
                    + " more: make room or choose another --out");
        }
    }

    private static boolean isWhole(HttpResponse<InputStream> response, long have) {
        Matcher range = CONTENT_RANGE.matcher(
                response.headers().firstValue("Content-Range").orElse(""));
        return have > 0 && range.matches() && range.group(3).equals(Long.toString(have));
    }

    /** A weak ETag does not promise equal bytes, so the date serves in its place. */
    private static String validator(HttpResponse<InputStream> response) {
        return response.headers()
                .firstValue("ETag")
                .filter(tag -> !tag.startsWith("W/"))
                .or(() -> response.headers().firstValue("Last-Modified"))
                .orElse(null);
    }

    private void copy(InputStream body, PartialFile part, long from, long total, Listener listener) throws IOException {
        long done = from;
        byte[] buffer = new byte[BUFFER];
        listener.at(done, total);
        try (StallGuard guard = new StallGuard(body, patience);
                OutputStream out = open(part.path(), from > 0)) {
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                guard.progressed();
                write(out, buffer, read);
                done += read;
                listener.at(done, total);
            }
            guard.check();
        }
        if (total >= 0 && done != total) {
            throw new IOException(done + " of " + total + " bytes came");
        }
    }

    private OutputStream open(Path file, boolean append) {
        try {
            return opener.open(file, append);
        } catch (IOException e) {
            throw new DiskException(e);
        }
    }

    private static void write(OutputStream out, byte[] buffer, int length) {
        try {
            out.write(buffer, 0, length);
        } catch (IOException e) {
            throw new DiskException(e);
        }
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
