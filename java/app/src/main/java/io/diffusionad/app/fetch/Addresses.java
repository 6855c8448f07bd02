package io.diffusionad.app.fetch;

import io.diffusionad.error.InvalidInputException;

import java.net.URI;
import java.util.Set;

/** Which addresses are asked: https, and plain http only on this very machine. */
final class Addresses {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private Addresses() {}

    /** @throws InvalidInputException if anybody on the way could change the answer */
    static URI require(URI uri) {
        boolean secure = "https".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null;
        boolean local =
                "http".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null && LOOPBACK.contains(uri.getHost());
        if (!secure && !local) {
            throw new InvalidInputException("the address " + uri
                    + " is not https, so that anybody on the way could change what it sends: give one "
                    + "that begins with https://");
        }
        return uri;
    }
}
