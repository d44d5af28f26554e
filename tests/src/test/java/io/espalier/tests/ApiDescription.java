package io.espalier.tests;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The operations under {@code /api}, as an installation describes them. */
record ApiDescription(List<Operation> operations) {
    /** Lists that belong to no tenant: the same for everybody, or the operator's. */
    private static final Set<String> WITHOUT_TENANT = Set.of("/api/tasks", "/api/tenants");

    /** @param answersPage whether it answers with a part of a list */
    record Operation(String method, String template, boolean answersPage) {
        boolean isOnSomething() {
            return template.contains("{");
        }

        /** @param ids for each placeholder, by the path's segment in front of it */
        String path(Map<String, String> ids) {
            String[] segments = template.split("/");
            for (int i = 1; i < segments.length; i++) {
                if (segments[i].startsWith("{")) {
                    segments[i] = ids.getOrDefault(
                            template.startsWith("/api/datasets/") && segments[i - 1].equals("versions")
                                    ? "dataset-versions"
                                    : segments[i - 1],
                            "part.csv");
                }
            }
            return String.join("/", segments);
        }
    }

    static ApiDescription of(URI origin) {
        JsonNode json =
                Api.anonymous(origin).get("/api/openapi.json").expect(200).json();
        return new ApiDescription(json.get("paths")
                .propertyStream()
                .filter(path -> path.getKey().startsWith("/api/"))
                .flatMap(path -> path.getValue()
                        .propertyStream()
                        .map(method -> new Operation(
                                method.getKey().toUpperCase(Locale.ROOT),
                                path.getKey(),
                                answersPage(method.getValue()))))
                .toList());
    }

    private static boolean answersPage(JsonNode operation) {
        return operation
                .at("/responses/200/content/application~1json/schema/$ref")
                .asString("")
                .startsWith("#/components/schemas/Page");
    }

    /** The lists of what a tenant owns. */
    Stream<Operation> lists() {
        return operations.stream()
                .filter(operation -> operation.answersPage() && !WITHOUT_TENANT.contains(operation.template()));
    }
}
