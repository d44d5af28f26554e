package io.espalier.controlplane.platform;

import io.espalier.contracts.task.EventKind;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.BooleanSchema;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The routes that take events, one a kind. What they take follows from the tasks' descriptors: of each kind there is the component
 * {@code TASK.KIND}, one event.
 */
@SuppressWarnings("rawtypes") // The library's signatures.
final class EventOperations {
    private static final String RECEIPT = "EventReceipt";

    private EventOperations() {}

    static void addTo(OpenAPI api, JsonMapper json) {
        api.getComponents()
                .addSchemas(
                        RECEIPT,
                        new ObjectSchema()
                                .addProperty("accepted", new IntegerSchema().description("How many events were stored"))
                                .addProperty(
                                        "applied",
                                        new BooleanSchema().description("Whether all answers from now on follow them"))
                                .addRequiredItem("accepted")
                                .addRequiredItem("applied"));
        for (String kind : Tasks.eventKinds()) {
            List<TaskDescriptor> tasks = Tasks.ALL.stream()
                    .filter(task -> task.events(kind).isPresent())
                    .toList();
            MediaType body = new MediaType().schema(request(kind, tasks));
            for (TaskDescriptor task : tasks) {
                EventKind events = task.events(kind).orElseThrow();
                api.getComponents()
                        .addSchemas(
                                PredictionOperation.name(task, kind),
                                PredictionOperation.schema(events.schema(), json));
                Object example = json.readValue(events.example(), Object.class);
                body.addExamples(task.name(), new Example().value(Map.of(kind, List.of(example))));
            }
            var operation = new Operation()
                    .operationId("add" + Character.toUpperCase(kind.charAt(0)) + kind.substring(1))
                    .tags(List.of("events"))
                    .summary(tasks.getFirst().events(kind).orElseThrow().summary())
                    .description("All events of a request are stored, or none.")
                    .addParametersItem(PredictionOperation.product())
                    .requestBody(new RequestBody()
                            .required(true)
                            .content(new Content().addMediaType("application/json", body)))
                    .responses(responses())
                    .addSecurityItem(new SecurityRequirement().addList(OpenApiConfiguration.API_KEY));
            api.path("/v1/products/{product}/" + kind, new PathItem().post(operation));
        }
    }

    private static Schema<?> request(String kind, List<TaskDescriptor> tasks) {
        Schema<?> event = new JsonSchema()
                .anyOf(tasks.stream()
                        .<Schema>map(task -> PredictionOperation.reference(task, kind))
                        .toList());
        return new ObjectSchema()
                .addProperty(kind, new ArraySchema().items(event).minItems(1).maxItems(EventKind.MOST_EVENTS))
                .addRequiredItem(kind)
                .additionalProperties(false);
    }

    private static ApiResponses responses() {
        var responses = new ApiResponses()
                .addApiResponse("200", receipt("Stored, and all answers from now on follow them"))
                .addApiResponse("202", receipt("Stored; answers will follow them soon"));
        Map<Integer, String> problems = Map.of(
                400, "The body is no JSON",
                401, "The key is missing, unknown or revoked",
                404, "There is no such product, or its task takes no such events",
                413, "The body is larger than 1 MiB",
                415, "The body is compressed",
                422, "An event is not valid; its field is named, and none is stored",
                429, "The key's requests a minute are used up; see Retry-After",
                503, "The control plane cannot be reached; send them again");
        problems.forEach((status, description) ->
                responses.addApiResponse(String.valueOf(status), OpenApiConfiguration.problemResponse(description)));
        return responses;
    }

    private static ApiResponse receipt(String description) {
        return new ApiResponse()
                .description(description)
                .content(new Content()
                        .addMediaType(
                                "application/json",
                                new MediaType().schema(new Schema<>().$ref("#/components/schemas/" + RECEIPT))));
    }
}
