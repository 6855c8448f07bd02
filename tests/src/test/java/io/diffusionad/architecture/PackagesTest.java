package io.diffusionad.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Packages point downwards only, modules share no package, and nobody above the seam knows a backend. */
class PackagesTest {
    private static final String ROOT = "io.diffusionad";

    /** Every package with those inside it, lowest first: one may use those of the levels before its own. */
    private static final List<List<String>> LEVELS = List.of(
            List.of("error", "tensor", "random", "io", "frame"),
            List.of("ops", "image", "metrics"),
            List.of("device", "data"),
            List.of("backend", "plan", "nn"),
            List.of("diffusion"),
            List.of("settings", "train"),
            List.of("checkpoint", "detect"),
            List.of("evaluate"),
            List.of(""),
            List.of("verify"),
            List.of("app"));
    /** The modules under {@code java/} with the packages that each holds. */
    private static final Map<String, List<String>> MODULES = Map.of(
            "compute", List.of("error", "tensor", "random", "ops", "device", "plan"),
            "cpu", List.of("backend.cpu"),
            "cuda", List.of("backend.cuda"),
            "detector",
                    List.of(
                            "",
                            "io",
                            "frame",
                            "image",
                            "metrics",
                            "data",
                            "nn",
                            "diffusion",
                            "settings",
                            "train",
                            "checkpoint",
                            "detect",
                            "evaluate"),
            "verify", List.of("verify"),
            "app", List.of("app"));
    /** Plain host-side code that needs no device. */
    private static final List<String> HOST_SIDE = List.of("error", "io", "frame", "image", "metrics", "data");

    private static JavaClasses classes;

    @BeforeAll
    static void importClasses() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(ROOT)
                .that(DescribedPredicate.not(resideInAnyPackage(ROOT + ".testkit..", ROOT + ".benchmarks..")));
        assertTrue(classes.size() > 100, "the product's classes are on the class path, found " + classes.size());
    }

    @Test
    void packagesPointDownwards() {
        for (int level = 0; level < LEVELS.size(); level++) {
            for (String name : LEVELS.get(level)) {
                String[] forbidden = LEVELS.subList(level, LEVELS.size()).stream()
                        .flatMap(List::stream)
                        .filter(other -> !other.equals(name))
                        .map(PackagesTest::tree)
                        .toArray(String[]::new);
                if (forbidden.length > 0) {
                    check(noClasses()
                            .that()
                            .resideInAPackage(tree(name))
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage(forbidden));
                }
            }
        }
    }

    @Test
    void everyPackageHasALevelAndOneModule() throws IOException {
        Set<String> levels = LEVELS.stream().flatMap(List::stream).collect(Collectors.toSet());
        Set<String> found = new TreeSet<>();
        for (Map.Entry<String, List<String>> module : MODULES.entrySet()) {
            Path sources = Path.of(System.getProperty("root.dir"), "java", module.getKey(), "src/main/java");
            try (Stream<Path> files = Files.walk(sources)) {
                for (Path file :
                        files.filter(file -> file.toString().endsWith(".java")).toList()) {
                    String inside = sources.relativize(file.getParent())
                            .toString()
                            .replace('/', '.')
                            .substring(ROOT.length());
                    String name = inside.isEmpty() ? "" : inside.substring(1);
                    assertTrue(
                            module.getValue().stream().anyMatch(held -> within(name, held)),
                            file + " lies in a package that its module does not hold");
                    found.add(name.isEmpty() ? "" : name.split("\\.")[0]);
                }
            }
        }
        assertEquals(new TreeSet<>(levels), found);
    }

    private static boolean within(String name, String held) {
        return name.equals(held) || !held.isEmpty() && name.startsWith(held + ".");
    }

    @Test
    void packagesFormNoCycles() {
        check(SlicesRuleDefinition.slices().matching(ROOT + ".(*)..").should().beFreeOfCycles());
    }

    @Test
    void hostSideCodeNeedsNoDevice() {
        for (String name : HOST_SIDE) {
            check(noClasses()
                    .that()
                    .resideInAPackage(tree(name))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(tree("tensor"), tree("ops"), tree("device"), tree("backend"), tree("nn")));
        }
    }

    @Test
    void engineNeverDependsOnTheCommandLine() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(tree("app"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        tree("app"), "picocli..", "me.tongfei..", "org.knowm..", "org.tribuo..", "ai.onnxruntime.."));
    }

    @Test
    void nobodyAboveTheSeamKnowsABackend() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(tree("backend"))
                .should()
                .dependOnClassesThat(resideInAPackage(tree("backend"))));
    }

    @Test
    void backendsDoNotKnowEachOther() {
        check(noClasses()
                .that()
                .resideInAPackage(tree("backend.cpu"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(tree("backend.cuda")));
        check(noClasses()
                .that()
                .resideInAPackage(tree("backend.cuda"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(tree("backend.cpu"))
                .allowEmptyShould(true));
    }

    @Test
    void jcudaStaysInTheCudaBackend() {
        DescribedPredicate<JavaClass> jcuda = resideInAPackage("jcuda..");
        check(noClasses()
                .that()
                .resideOutsideOfPackage(tree("backend.cuda"))
                .should()
                .dependOnClassesThat(jcuda));
    }

    private static void check(ArchRule rule) {
        rule.check(classes);
    }

    private static String tree(String name) {
        return name.isEmpty() ? ROOT : ROOT + "." + name + "..";
    }
}
