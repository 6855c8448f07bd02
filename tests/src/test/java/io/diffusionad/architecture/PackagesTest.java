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

import java.util.List;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Packages point downwards only, and nobody above the seam knows a backend. */
class PackagesTest {
    private static final String ROOT = "io.diffusionad";

    /** The compute stack, lowest first: a package may use those before it. Packages not listed are held apart from the stack by the rules below. */
    private static final List<List<String>> STACK = List.of(
            List.of("tensor", "random"), List.of("ops"), List.of("device"), List.of("backend", "nn", "plan"), List.of("diffusion"), List.of("train"));
    /** Plain host-side code that needs no device. */
    private static final List<String> HOST_SIDE = List.of("image", "metrics", "error");

    private static JavaClasses classes;

    @BeforeAll
    static void importClasses() {
        classes = new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages(ROOT)
                .that(DescribedPredicate.not(resideInAnyPackage(ROOT + ".testkit..", ROOT + ".benchmarks..")));
        assertTrue(classes.size() > 100, "the product's classes are on the class path, found " + classes.size());
    }

    @Test
    void stackPointsDownwards() {
        for (int level = 0; level < STACK.size(); level++) {
            String[] higher = STACK.subList(level + 1, STACK.size()).stream().flatMap(List::stream).map(PackagesTest::tree).toArray(String[]::new);
            for (String name : STACK.get(level)) {
                String[] beside = STACK.get(level).stream().filter(other -> !other.equals(name)).map(PackagesTest::tree).toArray(String[]::new);
                check(noClasses().that().resideInAPackage(tree(name)).should().dependOnClassesThat().resideInAnyPackage(higher).allowEmptyShould(true));
                check(noClasses().that().resideInAPackage(tree(name)).should().dependOnClassesThat().resideInAnyPackage(beside).allowEmptyShould(true));
            }
        }
    }

    @Test
    void packagesFormNoCycles() {
        check(SlicesRuleDefinition.slices().matching(ROOT + ".(*)..").should().beFreeOfCycles());
    }

    @Test
    void hostSideCodeNeedsNoDevice() {
        String[] stack = STACK.stream().flatMap(List::stream).filter(name -> !name.equals("random")).map(PackagesTest::tree).toArray(String[]::new);
        for (String name : HOST_SIDE) {
            check(noClasses().that().resideInAPackage(tree(name)).should().dependOnClassesThat().resideInAnyPackage(stack));
        }
    }

    @Test
    void engineNeverDependsOnTheCommandLine() {
        check(noClasses().that().resideOutsideOfPackage(tree("app")).should().dependOnClassesThat()
                .resideInAnyPackage(tree("app"), "picocli..", "me.tongfei..", "org.knowm..", "org.tribuo..", "ai.onnxruntime.."));
    }

    @Test
    void nobodyAboveTheSeamKnowsABackend() {
        check(noClasses().that().resideOutsideOfPackage(tree("backend")).should().dependOnClassesThat(resideInAPackage(tree("backend"))));
    }

    @Test
    void backendsDoNotKnowEachOther() {
        check(noClasses().that().resideInAPackage(tree("backend.cpu")).should().dependOnClassesThat().resideInAPackage(tree("backend.cuda")));
        check(noClasses().that().resideInAPackage(tree("backend.cuda")).should().dependOnClassesThat().resideInAPackage(tree("backend.cpu"))
                .allowEmptyShould(true));
    }

    @Test
    void jcudaStaysInTheCudaBackend() {
        DescribedPredicate<JavaClass> jcuda = resideInAPackage("jcuda..");
        check(noClasses().that().resideOutsideOfPackage(tree("backend.cuda")).should().dependOnClassesThat(jcuda));
    }

    private static void check(ArchRule rule) {
        rule.check(classes);
    }

    private static String tree(String name) {
        return ROOT + "." + name + "..";
    }
}
