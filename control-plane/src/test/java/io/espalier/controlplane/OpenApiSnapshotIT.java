package io.espalier.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.BooleanNode;

/** The interface as it was last agreed on: the console's types are generated from this file. */
@ControlPlaneTest
@Timeout(90)
class OpenApiSnapshotIT {
    private static final Path SNAPSHOT =
            Path.of(System.getProperty("basedir", "control-plane"), "..", "web-console", "openapi.json");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    @LocalServerPort
    private int port;

    @Test
    void isTheCommittedDescription() throws IOException {
        String current = sorted(
                Caller.anonymous(port).get("/api/openapi.json").expect(200).text());

        if ("write".equals(System.getenv("ESPALIER_SNAPSHOT"))) {
            Files.writeString(SNAPSHOT, current);
        }

        assertThat(current).as("""
                        The interface is no longer what web-console/openapi.json says. If it is meant to change, write the file \
                        with ESPALIER_SNAPSHOT=write mvn -pl control-plane test -Dtest=OpenApiSnapshotIT, generate the \
                        console's types anew, and commit both.""").isEqualTo(Files.exists(SNAPSHOT) ? Files.readString(SNAPSHOT) : "");
    }

    @Test
    void namesNoMachineOfThisRun() {
        String text =
                Caller.anonymous(port).get("/api/openapi.json").expect(200).text();

        assertThat(text).doesNotContain("127.0.0.1", "localhost", ":" + port, "ml.example.com", "/internal/");
    }

    @Test
    void describesWhatNoControllerSays() {
        var api = Caller.anonymous(port).get("/api/openapi.json").expect(200).body();

        assertThat(api.at("/paths/~1api~1products/get/parameters").findValuesAsString("name"))
                .containsExactly("limit", "cursor");
        assertThat(api.at("/paths/~1api~1session/post").has("security")).isFalse();
        assertThat(api.at("/paths/~1api~1tenants/post/security/0").has("operatorCredential"))
                .isTrue();
        assertThat(api.at("/paths/~1api~1products/get/security/0").has("session"))
                .isTrue();
    }

    @Test
    void typesTheRequestAndTheAnswerOfEveryTask() {
        var api = Caller.anonymous(port).get("/api/openapi.json").expect(200).body();
        JsonNode schemas = api.at("/components/schemas");
        JsonNode predict = api.at("/paths/~1v1~1products~1{product}~1predict/post");
        JsonNode body = predict.at("/requestBody/content/application~1json");

        assertThat(references(body.at("/schema/anyOf"))).containsExactlyElementsOf(schemasOf(Tasks.ALL, "request"));
        assertThat(references(predict.at("/responses/200/content/application~1json/schema/anyOf")))
                .containsExactlyElementsOf(schemasOf(Tasks.ALL, "response"));
        assertThat(Tasks.ALL).allSatisfy(task -> {
            JsonNode request = schemas.path(task.name() + ".request");
            assertThat(request.path("required").valueStream().map(JsonNode::asString))
                    .containsExactly("inputs");
            assertThat(request.path("additionalProperties")).isEqualTo(BooleanNode.FALSE);
            assertThat(request.at("/properties/parameters/$ref").asString()).isEqualTo(schemaOf(task, "parameters"));
            assertIsOneOrAList(request.at("/properties/inputs"), schemaOf(task, "input"));
            assertIsOneOrAList(schemas.path(task.name() + ".response"), schemaOf(task, "output"));
            assertThat(schemas.path(task.name() + ".input")).isEqualTo(JSON.readTree(task.inputSchema()));
            assertThat(schemas.path(task.name() + ".parameters")).isEqualTo(JSON.readTree(task.parametersSchema()));
            assertThat(schemas.path(task.name() + ".output")).isEqualTo(JSON.readTree(task.outputSchema()));
            assertThat(body.path("examples").path(task.name()).at("/value/inputs"))
                    .isEqualTo(JSON.readTree(task.exampleInput()));
        });
    }

    private static void assertIsOneOrAList(JsonNode schema, String one) {
        assertThat(schema.at("/oneOf/0/$ref").asString()).isEqualTo(one);
        JsonNode list = schema.at("/oneOf/1");
        assertThat(list.path("type").asString()).isEqualTo("array");
        assertThat(list.at("/items/$ref").asString()).isEqualTo(one);
        assertThat(list.path("minItems").asInt()).isEqualTo(1);
        assertThat(list.path("maxItems").asInt()).isEqualTo(128);
    }

    private static List<String> references(JsonNode schemas) {
        return schemas.findValuesAsString("$ref");
    }

    private static List<String> schemasOf(List<TaskDescriptor> tasks, String part) {
        return tasks.stream().map(task -> schemaOf(task, part)).toList();
    }

    private static String schemaOf(TaskDescriptor task, String part) {
        return "#/components/schemas/" + task.name() + "." + part;
    }

    /** What a worker reads beside JSON: {@code image/…} and unnamed bytes as one input, the files of a form as several. */
    @Test
    void saysHowFilesComeAsInputs() {
        var api = Caller.anonymous(port).get("/api/openapi.json").expect(200).body();
        JsonNode predict = api.at("/paths/~1v1~1products~1{product}~1predict/post");
        JsonNode content = predict.at("/requestBody/content");
        JsonNode form = api.at("/components/schemas/image-classification.form");

        assertThat(content.propertyNames())
                .containsExactlyInAnyOrder(
                        "application/json",
                        "image/jpeg",
                        "image/png",
                        "image/gif",
                        "image/bmp",
                        "image/webp",
                        "image/x-portable-anymap",
                        "application/octet-stream",
                        "multipart/form-data");
        assertThat(content.at("/image~1jpeg/schema/format").asString()).isEqualTo("binary");
        assertThat(references(content.at("/multipart~1form-data/schema/anyOf")))
                .containsExactly("#/components/schemas/image-classification.form");
        assertThat(content.at("/multipart~1form-data/encoding/file/contentType").asString())
                .startsWith("image/jpeg, image/png, ");
        assertThat(form.path("properties").propertyNames()).containsExactlyInAnyOrder("file", "top_k");
        assertThat(form.at("/properties/file/maxItems").asInt()).isEqualTo(128);
        assertThat(predict.path("parameters").findValuesAsString("name")).containsExactly("product", "top_k");
    }

    /** Indented, the keys of every object in their order, and a line feed at the end. */
    private static String sorted(String document) {
        var printer = new DefaultPrettyPrinter()
                .withObjectIndenter(new DefaultIndenter("  ", "\n"))
                .withArrayIndenter(new DefaultIndenter("  ", "\n"));
        return JSON.writer().with(printer).writeValueAsString(JSON.readValue(document, Object.class)) + "\n";
    }
}
