package io.espalier.controlplane.platform;

import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.route.PredictionHeaders;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.swagger.v3.core.util.Json31;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.Encoding;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The prediction route, which is one for all tasks. What it takes and answers follows from their descriptors: of each there are
 * the components {@code TASK.input}, {@code .parameters}, {@code .request}, {@code .output} and {@code .response}, and of one
 * whose inputs are files {@code .form}.
 */
@SuppressWarnings("rawtypes") // The library's signatures.
final class PredictionOperation {
    private static final int MOST_INPUTS = 128;
    private static final String FILE = "file";

    private PredictionOperation() {}

    static void addTo(OpenAPI api, JsonMapper json) {
        Map<String, Schema> fileParameters = new LinkedHashMap<>();
        for (TaskDescriptor task : Tasks.ALL) {
            Schema<?> parameters = schema(task.parametersSchema(), json);
            api.getComponents()
                    .addSchemas(name(task, "input"), schema(task.inputSchema(), json))
                    .addSchemas(name(task, "parameters"), parameters)
                    .addSchemas(name(task, "request"), request(task))
                    .addSchemas(name(task, "output"), schema(task.outputSchema(), json))
                    .addSchemas(name(task, "response"), oneOrMore(reference(task, "output")));
            if (takesFiles(task)) {
                api.getComponents().addSchemas(name(task, "form"), form(parameters));
                fileParameters.putAll(parameters.getProperties());
            }
        }
        var operation = new Operation()
                .operationId("predict")
                .tags(List.of("predictions"))
                .summary("Predicts with the deployed model version of a product")
                .description("Bodies other than JSON are for tasks whose inputs are files: those with inputFileTypes.")
                .addParametersItem(product())
                .requestBody(new RequestBody().required(true).content(bodies(json)))
                .responses(responses())
                .addSecurityItem(new SecurityRequirement().addList(OpenApiConfiguration.API_KEY));
        fileParameters.forEach((name, schema) -> operation.addParametersItem(
                OpenApiConfiguration.query(name, "As in the parameters of JSON, for a file as the body", schema)));
        api.path("/v1/products/{product}/predict", new PathItem().post(operation));
    }

    static Parameter product() {
        return new Parameter()
                .name("product")
                .in("path")
                .required(true)
                .description("The product's id or slug")
                .schema(new StringSchema());
    }

    private static Schema<?> request(TaskDescriptor task) {
        return new ObjectSchema()
                .addProperty("inputs", oneOrMore(reference(task, "input")))
                .addProperty("parameters", reference(task, "parameters"))
                .addRequiredItem("inputs")
                .additionalProperties(false);
    }

    private static Schema<?> oneOrMore(Schema<?> one) {
        return new JsonSchema().oneOf(List.of(one, list(one)));
    }

    private static Schema<?> list(Schema<?> item) {
        return new ArraySchema().items(item).minItems(1).maxItems(MOST_INPUTS);
    }

    private static Schema<?> form(Schema<?> parameters) {
        Schema<?> form = new ObjectSchema().addProperty(FILE, list(file())).addRequiredItem(FILE);
        parameters.getProperties().forEach(form::addProperty);
        return form.description("One input a file; the answer to several is a list");
    }

    private static Schema<?> file() {
        return new StringSchema().format("binary");
    }

    private static Content bodies(JsonMapper json) {
        var inJson = new MediaType().schema(anyOf(Tasks.ALL, "request"));
        for (TaskDescriptor task : Tasks.ALL) {
            Object input = json.readValue(task.exampleInput(), Object.class);
            inJson.addExamples(task.name(), new Example().value(Map.of("inputs", input)));
        }
        Content content = new Content().addMediaType("application/json", inJson);
        List<TaskDescriptor> ofFiles =
                Tasks.ALL.stream().filter(PredictionOperation::takesFiles).toList();
        List<String> types = ofFiles.stream()
                .flatMap(task -> task.inputFileTypes().stream())
                .distinct()
                .toList();
        types.forEach(type -> content.addMediaType(type, new MediaType().schema(file())));
        return content.addMediaType("application/octet-stream", new MediaType().schema(file()))
                .addMediaType(
                        "multipart/form-data",
                        new MediaType()
                                .schema(anyOf(ofFiles, "form"))
                                .addEncoding(FILE, new Encoding().contentType(String.join(", ", types))));
    }

    private static boolean takesFiles(TaskDescriptor task) {
        return !task.inputFileTypes().isEmpty();
    }

    private static ApiResponses responses() {
        var answer = new ApiResponse()
                .description("The answer to one input, or the answers to a list of them, in its order")
                .headers(Map.of(
                        PredictionHeaders.REQUEST_ID, header("The id of this request in our logs"),
                        PredictionHeaders.MODEL_VERSION, header("The number of the model version that answered"),
                        PredictionHeaders.MODEL_ID, header("The id of the model version that answered")))
                .content(new Content()
                        .addMediaType("application/json", new MediaType().schema(anyOf(Tasks.ALL, "response"))));
        var responses = new ApiResponses().addApiResponse("200", answer);
        Map<Integer, String> problems = Map.of(
                400, "The body is neither JSON nor a form that can be read",
                401, "The key is missing, unknown or revoked",
                404, "There is no such product",
                409, ProblemType.NO_DEPLOYMENT.title(),
                413, "The body is larger than 10 MiB",
                415, "The body is compressed",
                422, "An input or a parameter is not valid; its field is named",
                429, "The key's requests a minute are used up; see Retry-After",
                503, "The model is being loaded, or all workers are busy; see Retry-After",
                504, "No worker answered in time");
        problems.forEach((status, description) ->
                responses.addApiResponse(String.valueOf(status), OpenApiConfiguration.problemResponse(description)));
        return responses;
    }

    private static Header header(String description) {
        return new Header().description(description).schema(new StringSchema());
    }

    /** Any and not one: a text may be an image in base64 too, and tasks may answer alike. */
    private static Schema<?> anyOf(List<TaskDescriptor> tasks, String part) {
        return new JsonSchema()
                .anyOf(tasks.stream().<Schema>map(task -> reference(task, part)).toList());
    }

    static Schema<?> reference(TaskDescriptor task, String part) {
        return new Schema<>().$ref("#/components/schemas/" + name(task, part));
    }

    static String name(TaskDescriptor task, String part) {
        return task.name() + "." + part;
    }

    static Schema<?> schema(String text, JsonMapper json) {
        return Json31.mapper().convertValue(json.readValue(text, Map.class), Schema.class);
    }
}
