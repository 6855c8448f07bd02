package io.diffusionad.app.fetch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server on this machine that sends one file, and can be told to misbehave. */
public final class FileServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService workers = Executors.newCachedThreadPool();
    /** "range if-range" of every request for the file. */
    final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    volatile byte[] contents;
    volatile String etag = "\"v1\"";
    /** Bytes after which the next answers break off, one each; then whole ones. */
    public final List<Integer> cuts = Collections.synchronizedList(new ArrayList<>());
    /** Statuses that the next requests get. */
    final List<Integer> failures = Collections.synchronizedList(new ArrayList<>());

    volatile boolean ranges = true;
    volatile boolean hang;

    public FileServer(byte[] contents) {
        this.contents = contents;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(workers);
        server.createContext("/file.zip", this::send);
        server.createContext("/moved", exchange -> redirect(exchange, "/file.zip"));
        server.createContext("/round", exchange -> redirect(exchange, "/round"));
        server.createContext("/abroad", exchange -> redirect(exchange, "http://example.org/file.zip"));
        server.start();
    }

    public URI address(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private static void redirect(HttpExchange exchange, String location) throws IOException {
        exchange.getResponseHeaders().add("Location", location);
        exchange.sendResponseHeaders(302, -1);
        exchange.close();
    }

    private void send(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        String condition = exchange.getRequestHeaders().getFirst("If-Range");
        requests.add(range + " " + condition);
        if (!failures.isEmpty()) {
            exchange.sendResponseHeaders(failures.remove(0), -1);
            exchange.close();
            return;
        }
        int from = 0;
        if (etag != null) {
            exchange.getResponseHeaders().add("ETag", etag);
        }
        if (ranges && range != null && (condition == null || condition.equals(etag))) {
            from = Integer.parseInt(range.replaceAll("\\D", ""));
            if (from >= contents.length) {
                exchange.getResponseHeaders().add("Content-Range", "bytes */" + contents.length);
                exchange.sendResponseHeaders(416, -1);
                exchange.close();
                return;
            }
            exchange.getResponseHeaders()
                    .add("Content-Range", "bytes " + from + "-" + (contents.length - 1) + "/" + contents.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, contents.length - from);
        int until = cuts.isEmpty() ? contents.length : Math.min(contents.length, from + cuts.remove(0));
        OutputStream body = exchange.getResponseBody();
        body.write(contents, from, until - from);
        body.flush();
        if (until < contents.length) {
            try {
                Thread.sleep(hang ? 20_000 : 150); // the client has read what came before the answer breaks off
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        try {
            exchange.close();
        } catch (RuntimeException e) {
            // the answer was to break off
        }
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }
}
