package io.diffusionad.app;

import io.diffusionad.app.fetch.Catalogue;
import io.diffusionad.app.fetch.FileServer;
import io.diffusionad.app.fetch.PublishedDataset;
import io.diffusionad.app.fetch.PublishedDataset.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** {@code data fetch} from its first word to the unpacked folder. */
class DataFetchTest {
    @TempDir
    private Path folder;

    private static byte[] zip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String name : new String[] {"VisA/candle/a.txt", "VisA/readme.txt"}) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(name.getBytes());
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void downloadsChecksUnpacksAndRecords() throws Exception {
        byte[] zip = zip();
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(zip));
        try (FileServer server = new FileServer(zip)) {
            Program program = Program.run(
                            "data",
                            "fetch",
                            "visa",
                            "--out",
                            folder,
                            "--accept-license",
                            "--url",
                            server.address("/moved"),
                            "--sha256",
                            sha256.toUpperCase())
                    .succeeds();
            assertEquals(folder.resolve("visa").toString(), program.out().trim());
            assertTrue(
                    program.err().contains("CC BY 4.0")
                            && program.err().contains("https://github.com/amazon-science/spot-diff"),
                    program.err());
            assertTrue(
                    program.err().contains("SHA-256 " + sha256) && program.err().contains("data check"), program.err());
        }
        assertTrue(
                Files.exists(folder.resolve("visa/candle/a.txt")),
                "the only folder of the archive is left out of the path");
        assertEquals(sha256 + "  visa.archive\n", Files.readString(folder.resolve("visa.sha256")));
        try (var files = Files.list(folder)) {
            assertEquals(2, files.count(), "no archive and no temporary folder stays");
        }
        Program.run("data", "fetch", "visa", "--out", folder, "--accept-license")
                .isRefusedNaming("visa is there already");
    }

    @Test
    void anotherArchiveThanThePublishedOneIsRefused() throws Exception {
        Path archive = folder.resolve("VisA_20220922.tar");
        Files.write(archive, zip());
        Program.run("data", "fetch", "visa", "--out", folder, "--accept-license", "--archive", archive)
                .isRefusedNaming(
                        "is not the published one", "2eb8690c803ab37de0324772964100169ec8ba1fa3f7e94291c9ca673f40f362");
        assertFalse(Files.exists(folder.resolve("visa")));
        Path own = folder.resolve("own.zip");
        Files.move(archive, own);
        Program.run("data", "fetch", "visa", "--out", folder, "--accept-license", "--archive", own)
                .succeeds();
        assertTrue(Files.exists(own), "an archive of the user's own stays");
        assertTrue(Files.exists(folder.resolve("visa/readme.txt")));
    }

    @Test
    void aLicenseMustBeAcceptedAndAFormIsNamed() {
        Program.run("data", "fetch", "visa", "--out", folder)
                .isRefusedNaming("license of visa was not accepted", "--accept-license");
        Program.run("data", "fetch", "mvtec-ad", "--out", folder)
                .isRefusedNaming(
                        "form", "https://www.mvtec.com/company/research/datasets/mvtec-ad", "--url", "--archive");
        Program.run("data", "fetch", "real-iad", "--out", folder)
                .isRefusedNaming("https://realiad4ad.github.io/Real-IAD/", "--archive");
        Program.run("data", "fetch", "nothing", "--out", folder).isRefusedNaming("nothing", "mvtec-ad", "visa");
        Program.run("data", "fetch", "visa").isRefusedNaming("--out");
        Program.run("data", "fetch", "visa", "--out", folder, "--accept-license", "--url", "http://example.org/a.zip")
                .isRefusedNaming("not https");
        Program.run("data", "fetch", "visa", "--out", folder, "--accept-license", "--archive", folder.resolve("no.zip"))
                .isRefusedNaming("no.zip");
    }

    @Test
    void theCatalogueIsComplete() {
        String list = Program.run("data", "fetch", "--list").succeeds().out();
        for (PublishedDataset dataset : Catalogue.all()) {
            assertTrue(
                    list.contains(dataset.name()) && list.contains(dataset.page()) && list.contains(dataset.license()),
                    dataset.name());
            assertTrue(dataset.page().startsWith("https://") && !dataset.terms().isBlank(), dataset.name());
            assertEquals(dataset.access() == Access.DIRECT, dataset.url() != null, dataset.name());
            assertTrue(
                    dataset.url() == null || dataset.url().startsWith("https://") && dataset.archive() != null,
                    dataset.name());
            assertTrue(dataset.sha256() == null || dataset.sha256().matches("[0-9a-f]{64}"), dataset.name());
        }
    }
}
