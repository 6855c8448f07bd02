package io.diffusionad.app;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The launcher around a stand-in Maven that notes each call and "builds" a jar which prints its arguments. */
class LauncherTest {
    @TempDir
    Path temporary;

    private Path checkout;
    private Path tools;

    @BeforeEach
    void makeACheckout() throws IOException {
        checkout = Files.createDirectories(temporary.resolve("a checkout"));
        tools = Files.createDirectories(temporary.resolve("tools"));
        Files.copy(
                Path.of(System.getProperty("root.dir"), "diffusionad"),
                checkout.resolve("diffusionad"),
                StandardCopyOption.COPY_ATTRIBUTES);
        for (String folder : List.of(".mvn", "java", "native", "kernels", "tests", "benchmarks")) {
            Files.createDirectories(checkout.resolve(folder));
        }
        Files.writeString(checkout.resolve("pom.xml"), "<project/>");
        Files.writeString(checkout.resolve("CMakeLists.txt"), "");
        Files.writeString(checkout.resolve("java/Main.java"), "class Main { }");
        writeEchoJar(temporary.resolve("echo.jar"));
        writeMaven("cp '" + temporary.resolve("echo.jar") + "' build/diffusionad.jar");
    }

    @Test
    void buildsOnceAndAgainOnlyWhenASourceChanged() throws Exception {
        assertEquals("[one, two words]", run("one", "two words").out());
        assertEquals("[]", run().out());
        assertEquals(1, mavenCalls());
        Files.writeString(checkout.resolve("java/Main.java"), "class Main { int changed; }");
        assertEquals("[again]", run("again").out());
        assertEquals(2, mavenCalls());
    }

    @Test
    void twoAtOnceBuildOnce() throws Exception {
        writeMaven("sleep 1; cp '" + temporary.resolve("echo.jar") + "' build/diffusionad.jar");
        Process first = start("first");
        Process second = start("second");
        assertEquals("[first]", finish(first).out());
        assertEquals("[second]", finish(second).out());
        assertEquals(1, mavenCalls());
    }

    @Test
    void aFailedBuildShowsItsErrorsAndTheLog() throws Exception {
        writeMaven("echo '[ERROR] Main.java: cannot find symbol'; exit 1");
        Result result = run("info");
        assertEquals(1, result.exitCode());
        assertTrue(result.err().contains("cannot find symbol") && result.err().contains("build.log"), result.err());
    }

    @Test
    void anInterruptedBuildBeginsAfresh() throws Exception {
        writeMaven("kill -9 $PPID $$; sleep 5");
        run();
        Files.createDirectories(checkout.resolve("java/app/target/half-written"));
        writeMaven("test ! -e java/app/target || exit 1; cp '" + temporary.resolve("echo.jar")
                + "' build/diffusionad.jar");
        assertEquals("[go]", run("go").out());
    }

    @Test
    void benchBuildsTheBenchmarksBesideTheProductAndRunsTheirMain() throws Exception {
        writeJar(temporary.resolve("benchmarks.jar"), new Manifest(), "io/diffusionad/benchmarks/suite/Bench");
        Files.createDirectories(checkout.resolve("benchmarks/src/main"));
        Files.createDirectories(checkout.resolve("tests/src/main"));
        Files.writeString(checkout.resolve("tests/pom.xml"), "<project/>");
        Files.writeString(checkout.resolve("benchmarks/pom.xml"), "<project/>");
        writeMaven(
                "mkdir -p tests/target benchmarks/target; cp '" + temporary.resolve("echo.jar")
                        + "' build/diffusionad.jar; cp '"
                        + temporary.resolve("echo.jar") + "' tests/target/diffusionad-tests-1.jar; cp '"
                        + temporary.resolve("benchmarks.jar")
                        + "' benchmarks/target/diffusionad-benchmarks-1.jar; echo /nowhere/peer.jar > build/benchmarks.classpath");
        Result built = run("bench", "--profile", "quick");
        assertTrue(
                built.err().contains("suite.Bench"),
                "the stand-in class is of another name, which Java says: " + built.err());
        assertTrue(Files.readString(temporary.resolve("calls")).contains("-pl benchmarks -am"));
        run("bench");
        assertEquals(1, mavenCalls());
        Files.writeString(checkout.resolve("benchmarks/src/main/Changed.java"), "");
        run("bench");
        assertEquals(2, mavenCalls());
    }

    @Test
    void testRunsMavenWithTheFurtherArgumentsAndPassesItsVerdictOn() throws Exception {
        writeMaven("echo '[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0'");
        Result passed = run("test", "-Dtest=A");
        assertEquals(0, passed.exitCode(), passed.err());
        assertTrue(passed.out().contains("Tests run: 3"), passed.out());
        assertTrue(Files.readString(temporary.resolve("calls")).contains("-Dtest=A"));
        writeMaven("echo '[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 0'; exit 1");
        assertEquals(1, run("test").exitCode());
    }

    private record Result(int exitCode, String out, String err) {}

    private Result run(String... arguments) throws Exception {
        return finish(start(arguments));
    }

    /** Starts the launcher from another folder, through a symbolic link. */
    private Process start(String... arguments) throws IOException {
        Path link = temporary.resolve("link");
        if (!Files.exists(link)) {
            Files.createSymbolicLink(link, checkout.resolve("diffusionad"));
        }
        List<String> command = new java.util.ArrayList<>(List.of(link.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(temporary.toFile());
        builder.environment().put("PATH", tools + ":" + System.getenv("PATH"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.redirectError(Files.createTempFile(temporary, "err", ".txt").toFile());
        Process process = builder.start();
        process.getOutputStream().close();
        errors.put(process.pid(), builder.redirectError().file().toPath());
        return process;
    }

    private final java.util.Map<Long, Path> errors = new java.util.concurrent.ConcurrentHashMap<>();

    private Result finish(Process process) throws Exception {
        String out = new String(process.getInputStream().readAllBytes()).strip();
        int exitCode = process.waitFor();
        return new Result(exitCode, out, Files.readString(errors.get(process.pid())));
    }

    private long mavenCalls() throws IOException {
        return Files.readAllLines(temporary.resolve("calls")).size();
    }

    private void writeMaven(String body) throws IOException {
        Path maven = tools.resolve("mvn");
        Files.writeString(maven, "#!/bin/bash\necho \"$@\" >> '" + temporary.resolve("calls") + "'\n" + body + "\n");
        Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A jar whose main class prints its arguments: this test's own nested class. */
    private static void writeEchoJar(Path file) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Echo.class.getName());
        writeJar(file, manifest, Echo.class.getName().replace('.', '/'));
    }

    /** The same class's bytes under any entry. */
    private static void writeJar(Path file, Manifest manifest, String entry) throws IOException {
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file), manifest);
                var bytes = Echo.class
                        .getClassLoader()
                        .getResourceAsStream(Echo.class.getName().replace('.', '/') + ".class")) {
            jar.putNextEntry(new JarEntry(entry + ".class"));
            bytes.transferTo(jar);
        }
    }

    /** The stand-in program. */
    static final class Echo {
        public static void main(String[] args) {
            System.out.println(List.of(args));
        }
    }
}
