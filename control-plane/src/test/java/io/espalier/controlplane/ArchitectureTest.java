package io.espalier.controlplane;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.conditions.ArchConditions.have;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.constructors;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.espalier.controlplane.platform.PageRequest;
import jakarta.persistence.Entity;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.modulith.core.ApplicationModules;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** How the packages of the control plane may know each other. Which credentials open which route is in RouteAccessIT. */
class ArchitectureTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackagesOf(ControlPlane.class);

    private static final DescribedPredicate<JavaClass> REPOSITORIES =
            resideInAPackage("io.espalier..").and(simpleNameEndingWith("Repository"));

    @Test
    void letsModulesUseEachOthersRootPackagesOnlyAndWithoutCircles() {
        var modules = ApplicationModules.of(ControlPlane.class);

        modules.verify();
        assertThat(modules.stream().map(module -> module.getIdentifier().toString()))
                .contains("platform", "tenancy", "catalog", "dataset", "training", "serving", "event");
    }

    @Test
    void letsThePlatformKnowNoFeature() {
        noClasses()
                .that()
                .resideInAPackage("..controlplane.platform..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.espalier.controlplane..")
                        .and(DescribedPredicate.not(resideInAPackage("..controlplane.platform.."))))
                .because("every feature stands on it")
                .check(MAIN);
    }

    @Test
    void keepsRepositoriesInTheirPackage() {
        classes()
                .that(REPOSITORIES)
                .should()
                .bePackagePrivate()
                .because("other features ask the service, which knows the rules")
                .check(MAIN);
    }

    @Test
    void letsOnlyTheirOwnPackageMakeAndChangeEntities() {
        constructors()
                .that()
                .areDeclaredInClassesThat()
                .areAnnotatedWith(Entity.class)
                .should()
                .notBePublic()
                .because("rows are made by the service of their feature")
                .check(MAIN);
        methods()
                .that()
                .areDeclaredInClassesThat()
                .areAnnotatedWith(Entity.class)
                .and()
                .haveRawReturnType(void.class)
                .should()
                .notBePublic()
                .because("whoever may read an entity may not change it")
                .check(MAIN);
    }

    @Test
    void keepsTheDatabaseOutOfTheWebPackages() {
        noClasses()
                .that()
                .resideInAPackage("..web..")
                .should()
                .dependOnClassesThat(REPOSITORIES
                        .or(resideInAPackage("org.springframework.jdbc.."))
                        .or(resideInAPackage("jakarta.persistence.."))
                        .or(resideInAPackage("java.sql..")))
                .because("transactions and the order of their steps belong to services")
                .check(MAIN);
    }

    @Test
    void keepsWorkflowsDeterministic() {
        noClasses()
                .that()
                .resideInAPackage("..training.workflow..")
                .should()
                .dependOnClassesThat(resideInAPackage("org.springframework..")
                        .or(resideInAPackage("java.sql.."))
                        .or(resideInAPackage("java.net.."))
                        .or(resideInAPackage("io.espalier.contracts.artifact..")))
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(java.util.UUID.class, "randomUUID")
                .because("Temporal replays them")
                .check(MAIN);
    }

    @Test
    void letsOnlyTheseReadAcrossTenants() {
        Set<String> readers = new TreeSet<>();
        for (JavaClass type : MAIN) {
            Stream<JavaCodeUnit> code = type.getCodeUnits().stream();
            boolean injected = code.flatMap(unit -> unit.getParameters().stream())
                    .flatMap(parameter -> parameter.tryGetAnnotationOfType(Qualifier.class).stream())
                    .anyMatch(qualifier -> qualifier.value().equals("directory"));
            boolean field = type.getFields().stream()
                    .flatMap(member -> member.tryGetAnnotationOfType(Qualifier.class).stream())
                    .anyMatch(qualifier -> qualifier.value().equals("directory"));
            if (injected || field) {
                readers.add(type.getName()
                        .substring(ControlPlane.class.getPackageName().length() + 1));
            }
        }

        assertThat(readers)
                .as("Whoever gets the client that sees all tenants is a decision: write it down here.")
                .containsExactly(
                        // The running imports, inspections and jobs of all tenants, to be submitted again.
                        "catalog.ImportWorkflows",
                        "dataset.InspectionWorkflows",
                        // How many events products have: an inference worker serves those of all tenants.
                        "event.ProductEvents",
                        "platform.ObjectDeletions",
                        "platform.PlatformConfiguration",
                        "serving.RouteTables",
                        // Login: an address is used once in the installation.
                        "tenancy.Members",
                        "tenancy.Sessions",
                        "tenancy.Tenants",
                        // The places in a queue that all tenants share.
                        "training.TrainingQueue",
                        "training.TrainingWorkflows");
    }

    @Test
    void makesTheClientsOfTheDatabaseInOnePlace() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.espalier.controlplane.platform.PlatformConfiguration")
                .should()
                .callMethod(JdbcClient.class, "create", javax.sql.DataSource.class)
                .because("only there the two roles are told apart")
                .check(MAIN);
    }

    @Test
    void putsControllersIntoWebPackagesUnderApiOrInternal() {
        classes()
                .that()
                .areAnnotatedWith(RestController.class)
                .should()
                .resideInAPackage("..web..")
                .andShould()
                .bePackagePrivate()
                .because("the routes of a feature are found in one place, and called by HTTP only")
                .check(MAIN);

        Set<String> paths = new TreeSet<>();
        for (JavaClass type : MAIN) {
            if (type.isAnnotatedWith(RestController.class)) {
                Class<?> controller = type.reflect();
                var root = AnnotatedElementUtils.findMergedAnnotation(controller, RequestMapping.class);
                String prefix = root == null ? "" : root.path()[0];
                Stream.of(controller.getDeclaredMethods())
                        .map(method -> AnnotatedElementUtils.findMergedAnnotation(method, RequestMapping.class))
                        .filter(mapping -> mapping != null)
                        .flatMap(mapping -> mapping.path().length == 0 ? Stream.of("") : Stream.of(mapping.path()))
                        .forEach(path -> paths.add(prefix + path));
            }
        }
        assertThat(paths)
                .contains("/api/products/{product}/versions/{number}/bundle")
                .allMatch(path -> path.startsWith("/api/") || path.startsWith("/internal/"));
    }

    @Test
    void readsListsByPages() {
        methods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAPackage("..web..")
                .and()
                .haveNameStartingWith("list")
                .and()
                .areDeclaredInClassesThat()
                .doNotHaveSimpleName("CatalogController")
                .should(have(DescribedPredicate.describe(
                        "a PageRequest",
                        method -> method.getRawParameterTypes().stream()
                                .anyMatch(type -> type.isEquivalentTo(PageRequest.class)))))
                .because("no list of a tenant's things is bounded by nature")
                .check(MAIN);
    }
}
