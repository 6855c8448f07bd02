package io.diffusionad.app.fetch;

import io.diffusionad.error.InvalidInputException;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The files that come out of an archive, none of which may lie or point outside its folder. Links are made when all
 * files are written, so that no file can be written through one.
 */
final class UnpackedTree {
    /** For formats without a checksum of their own. */
    static final long NO_CRC = -1;

    private final Path root;
    private final Path archive;
    private final byte[] buffer = new byte[1 << 16];
    private final Map<Path, Link> links = new LinkedHashMap<>();

    private record Link(String entry, Path target, boolean hard) {}

    UnpackedTree(Path root, Path archive) {
        this.root = root.toAbsolutePath().normalize();
        this.archive = archive;
    }

    void addFolder(String entry) throws IOException {
        Files.createDirectories(inside(entry, root, entry));
    }

    /** @param crc of the contents, or {@link #NO_CRC} */
    void addFile(String entry, InputStream in, long crc) throws IOException {
        Path file = inside(entry, root, entry);
        Files.createDirectories(file.getParent());
        CRC32 sum = new CRC32();
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int read = read(in); read >= 0; read = read(in)) {
                sum.update(buffer, 0, read);
                out.write(buffer, 0, read);
            }
        }
        if (crc != NO_CRC && crc != sum.getValue()) {
            throw new InvalidInputException("the archive " + archive + " is damaged (the checksum of " + entry
                    + " does not match): remove it and fetch it again");
        }
    }

    private int read(InputStream in) {
        return Unpacker.read(() -> in.read(buffer), archive);
    }

    /** @param hard whether the target is named from the archive's root, as hard links are, and not from the link */
    void addLink(String entry, String target, boolean hard) {
        Path link = inside(entry, root, entry);
        links.put(link, new Link(entry, inside(target, hard ? root : link.getParent(), entry), hard));
    }

    /** Makes the links. A link whose target is not in the archive is left out. */
    void link() throws IOException {
        Path real = root.toRealPath();
        for (Map.Entry<Path, Link> link : links.entrySet()) {
            Path place = link.getKey();
            Link to = link.getValue();
            if (!Files.exists(to.target()) || Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            Files.createDirectories(place.getParent());
            if (!to.target().toRealPath().startsWith(real)
                    || !place.getParent().toRealPath().startsWith(real)) {
                throw escapes(to.entry());
            }
            if (to.hard()) {
                Files.createLink(place, to.target());
            } else {
                Files.createSymbolicLink(place, place.getParent().relativize(to.target()));
            }
        }
    }

    private Path inside(String name, Path from, String entry) {
        String slashed = name.replace('\\', '/');
        try {
            Path path = from.resolve(slashed).normalize();
            if (slashed.startsWith("/")
                    || slashed.matches("[A-Za-z]:.*")
                    || !path.startsWith(root)
                    || slashed.indexOf('\0') >= 0) {
                throw escapes(entry);
            }
            return path;
        } catch (InvalidPathException e) {
            throw escapes(entry);
        }
    }

    private InvalidInputException escapes(String entry) {
        return new InvalidInputException("the archive " + archive + " wants to write outside its folder (entry "
                + entry.replace('\0', '?') + "): nothing of it is kept; get it from its publisher");
    }
}
