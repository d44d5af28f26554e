package io.espalier.standalone.demo;

import io.espalier.standalone.console.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;

/** Makes products of a tenant of its own, one after the other, and where there are several shows them side by side. */
public final class Demo {
    public static final String OWNER = "demo@espalier.local";

    private static final String TENANT = "Demo";

    private final String baseUrl;
    private final String operatorCredential;
    private final String password;
    private final @Nullable Path reportFile;
    private final Console console;
    private final ApiClient api;

    /** @param reportFile where to write what was found; null to write nothing */
    public Demo(
            String baseUrl, String operatorCredential, String password, @Nullable Path reportFile, Console console) {
        this.baseUrl = baseUrl;
        this.operatorCredential = operatorCredential;
        this.password = password;
        this.reportFile = reportFile;
        this.console = console;
        this.api = new ApiClient(baseUrl);
    }

    /** @throws DemoFailedException if a step does not work */
    public void run(List<DemoData> products) throws InterruptedException {
        try (api) {
            logIn();
            List<DemoReport> reports = new ArrayList<>();
            for (DemoData product : products) {
                reports.add(new ProductDemo(baseUrl, api, product, console).run());
            }
            if (reports.size() > 1) {
                console.line("");
                console.line("All products side by side");
                console.line(Tables.matrix(api.get("/api/matrix")));
            }
            writeReport(reports.size() == 1 ? reports.getFirst() : reports);
        }
    }

    private void logIn() throws InterruptedException {
        console.line("");
        console.line("Log in");
        boolean exists = api.find(
                        "/api/tenants",
                        operatorCredential,
                        tenant -> tenant.path("name").asString().equals(TENANT))
                != null;
        Map<String, String> credentials = Map.of("email", OWNER, "password", password);
        if (!exists) {
            api.post("/api/tenants", Map.of("name", TENANT, "owner", credentials), operatorCredential);
        }
        api.post("/api/session", credentials);
        console.line("  Tenant %s%s, as %s".formatted(TENANT, exists ? " (it exists)" : " created", OWNER));
    }

    private void writeReport(Object report) {
        if (reportFile == null) {
            return;
        }
        try {
            Files.createDirectories(reportFile.toAbsolutePath().getParent());
            if (Files.notExists(reportFile)) {
                // The key is in it.
                Files.createFile(
                        reportFile, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            Files.write(
                    reportFile,
                    api.json().writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(report));
        } catch (IOException e) {
            throw new DemoFailedException("the report could not be written to " + reportFile + ": " + e.getMessage());
        }
    }
}
