package io.millrace.bench;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds the direction of dependencies, and what may not appear in packet paths. */
final class ArchitectureTest {
    private static final String DPDK = "io.millrace.dpdk..";
    private static final String FFI = "io.millrace.dpdk.ffi..";
    private static final String CONFIG = "io.millrace.config..";
    private static final String DATAPLANE = "io.millrace.dataplane..";
    private static final String STACK = "io.millrace.stack..";

    private static final String WIRE = "io.millrace.stack.wire";

    /** Where application threads enter: it has to park and wake them, and no other package of the stack may. */
    private static final String CLIENT = "io.millrace.stack.client..";

    private static final String BENCH = "io.millrace.bench..";

    private static JavaClasses product;

    @BeforeAll
    static void importProduct() {
        product = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                // What the tests of one module share with those of another comes as a jar.
                .withImportOption(location -> !location.contains("tests.jar"))
                .importPackages("io.millrace");
    }

    @Test
    void shouldPointDependenciesOneWay() {
        noClasses()
                .that()
                .resideInAPackage(DPDK)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(CONFIG, DATAPLANE, STACK, BENCH)
                .check(product);
        noClasses()
                .that()
                .resideInAPackage(CONFIG)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(DPDK, DATAPLANE, STACK, BENCH)
                .check(product);
        noClasses()
                .that()
                .resideInAPackage(DATAPLANE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(STACK, BENCH)
                .check(product);
        noClasses()
                .that()
                .resideInAPackage(STACK)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(BENCH, CONFIG, DPDK)
                .check(product);
    }

    @Test
    void shouldReachGeneratedBindingsThroughTheTypedLayerOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage(DPDK)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(FFI)
                .check(product);
    }

    @Test
    void shouldLayerTheStack() {
        noClasses()
                .that()
                .resideInAPackage("io.millrace.stack.wire..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.millrace.stack.storage..", "io.millrace.stack.socket..", "io.millrace.stack.iface..")
                .check(product);
        noClasses()
                .that()
                .resideInAPackage("io.millrace.stack.storage..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.millrace.stack.wire..", "io.millrace.stack.socket..", "io.millrace.stack.iface..")
                .check(product);
        noClasses()
                .that()
                .resideInAPackage("io.millrace.stack.socket..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.millrace.stack.iface..")
                .check(product);
    }

    @Test
    void shouldKeepPackagesFreeOfCycles() {
        for (final String module : List.of(CONFIG, DATAPLANE, BENCH)) {
            slices().matching("io.millrace.(**)")
                    .should()
                    .beFreeOfCycles()
                    .check(product.that(resideInAPackage(module)));
        }
        // Stack and what it is set up with stand above the other packages, and StackCounter, beside them, below all.
        slices().matching("io.millrace.stack.(**)")
                .should()
                .beFreeOfCycles()
                .ignoreDependency(resideInAPackage(WIRE), resideInAPackage(WIRE + ".address"))
                .check(product.that(resideInAPackage(STACK).and(not(resideInAPackage("io.millrace.stack")))));
    }

    @Test
    void shouldKeepThreadsClocksAndNativeCodeOutOfTheStack() {
        noClasses()
                .that()
                .resideInAPackage(STACK)
                .and()
                .resideOutsideOfPackage(CLIENT)
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.Thread")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.util.concurrent.locks..")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage(CLIENT)
                .check(product);
        noClasses()
                .that()
                .resideInAPackage(STACK)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.stream..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.Linker")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("io.millrace.dataplane.port.dpdk..")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(product);
    }

    @Test
    void shouldKeepTheVectorApiInOnePackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.millrace.dataplane.checksum..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator.vector..")
                .check(product);
    }

    @Test
    void shouldCloseViewsAndReprsToInheritance() {
        classes()
                .that()
                .resideInAPackage("io.millrace.stack.wire..")
                .and()
                .haveSimpleNameEndingWith("View")
                .or()
                .haveSimpleNameEndingWith("Repr")
                .should()
                .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL)
                .check(product);
    }
}
