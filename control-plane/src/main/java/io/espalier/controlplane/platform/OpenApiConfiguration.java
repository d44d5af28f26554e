package io.espalier.controlplane.platform;

import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.route.PredictionHeaders;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.swagger.v3.core.util.Json31;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
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
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/**
 * Completes what springdoc reads off the controllers: who may call, how errors look, and the prediction routes, which the
 * gateway serves and which follow from the task descriptors.
 */
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {
    static {
        SpringDocUtils.getConfig().addRequestWrapperToIgnore(PageRequest.class);
    }

    private static final String PROBLEM = "Problem";
    private static final String SESSION = "session";
    private static final String OPERATOR = "operatorCredential";
    private static final String API_KEY = "apiKey";

    @Bean
    OpenApiCustomizer description(JsonMapper json) {
        return api -> {
            api.info(new Info()
                            .title("Espalier")
                            .version("1")
                            .description("From a team's data to a served model. Errors are RFC 9457 problems."))
                    .servers(List.of(new Server().url("/")));
            api.getComponents()
                    .addSecuritySchemes(
                            SESSION,
                            new SecurityScheme()
                                    .type(SecurityScheme.Type.APIKEY)
                                    .in(SecurityScheme.In.COOKIE)
                                    .name("espalier_session")
                                    .description(
                                            "From POST /api/session. Unsafe methods also send the cookie XSRF-TOKEN"
                                                    + " back as the header X-XSRF-TOKEN."))
                    .addSecuritySchemes(OPERATOR, bearer("The operator's credential"))
                    .addSecuritySchemes(API_KEY, bearer("An API key, esp_live_…"))
                    .addSchemas(PROBLEM, problem());
            api.getPaths()
                    .forEach((path, item) ->
                            item.readOperationsMap().forEach((method, operation) -> complete(path, method, operation)));
            predictions(api, json);
        };
    }

    /** What {@link PageRequestResolver} reads. */
    @Bean
    OperationCustomizer paging() {
        return (operation, handler) -> {
            boolean paged = Arrays.stream(handler.getMethodParameters())
                    .anyMatch(parameter -> parameter.getParameterType() == PageRequest.class);
            if (paged) {
                Schema<Number> limit = new IntegerSchema();
                limit.setMinimum(BigDecimal.ONE);
                limit.setMaximum(BigDecimal.valueOf(PageRequest.MAX_LIMIT));
                limit.setDefault(PageRequest.DEFAULT_LIMIT);
                operation.addParametersItem(query("limit", "How many items at most", limit));
                operation.addParametersItem(query("cursor", "The nextCursor of the page before", new StringSchema()));
            }
            return operation;
        };
    }

    private static Parameter query(String name, String description, Schema<?> schema) {
        return new Parameter().name(name).in("query").description(description).schema(schema);
    }

    private static void complete(String path, PathItem.HttpMethod method, Operation operation) {
        boolean login = path.equals("/api/session") && method == PathItem.HttpMethod.POST;
        if (!login) {
            operation.addSecurityItem(
                    new SecurityRequirement().addList(path.equals("/api/tenants") ? OPERATOR : SESSION));
        }
        operation.getResponses().addApiResponse("default", problemResponse("What is wrong"));
    }

    @SuppressWarnings("rawtypes")
    private static void predictions(OpenAPI api, JsonMapper json) {
        for (TaskDescriptor task : Tasks.ALL) {
            api.getComponents()
                    .addSchemas(task.name() + ".input", schema(task.inputSchema(), json))
                    .addSchemas(task.name() + ".output", schema(task.outputSchema(), json));
        }
        Schema<?> input = oneOf("input");
        Schema<?> output = oneOf("output");
        Schema<?> request = new ObjectSchema()
                .addProperty(
                        "inputs",
                        new JsonSchema()
                                .oneOf(List.of(
                                        input, new ArraySchema().items(input).maxItems(128))))
                .addProperty(
                        "parameters",
                        new ObjectSchema()
                                .addProperty(
                                        "top_k",
                                        new IntegerSchema()
                                                .description("How many labels to answer with; all where absent")))
                .addRequiredItem("inputs");
        var answer = new ApiResponse()
                .description("The answer to each input; nested where the inputs are a list")
                .headers(Map.of(
                        PredictionHeaders.REQUEST_ID, header("The id of this request in our logs"),
                        PredictionHeaders.MODEL_VERSION, header("The number of the model version that answered"),
                        PredictionHeaders.MODEL_ID, header("The id of the model version that answered")))
                .content(json(new JsonSchema().oneOf(List.of(output, new ArraySchema().items(output)))));
        var responses = new ApiResponses().addApiResponse("200", answer);
        Map<Integer, String> problems = Map.of(
                400, "The body is not JSON",
                401, "The key is missing, unknown or revoked",
                404, "There is no such product",
                409, ProblemType.NO_DEPLOYMENT.title(),
                413, "The body is larger than 10 MiB",
                422, "An input or a parameter is not valid; its field is named",
                429, "The key's requests a minute are used up; see Retry-After",
                503, "The model is being loaded, or all workers are busy; see Retry-After");
        problems.forEach((status, description) ->
                responses.addApiResponse(String.valueOf(status), problemResponse(description)));
        api.path(
                "/v1/products/{product}/predict",
                new PathItem()
                        .post(new Operation()
                                .operationId("predict")
                                .tags(List.of("predictions"))
                                .summary("Predicts with the deployed model version of a product")
                                .addParametersItem(new Parameter()
                                        .name("product")
                                        .in("path")
                                        .required(true)
                                        .description("The product's id or slug")
                                        .schema(new StringSchema()))
                                .requestBody(new RequestBody().required(true).content(json(request)))
                                .responses(responses)
                                .addSecurityItem(new SecurityRequirement().addList(API_KEY))));
    }

    @SuppressWarnings("rawtypes") // The library's signatures.
    private static Schema<?> oneOf(String part) {
        List<Schema> variants = Tasks.ALL.stream()
                .<Schema>map(task -> new Schema<>().$ref("#/components/schemas/" + task.name() + "." + part))
                .toList();
        return new JsonSchema().oneOf(variants);
    }

    private static Schema<?> schema(String text, JsonMapper json) {
        return Json31.mapper().convertValue(json.readValue(text, Map.class), Schema.class);
    }

    private static Schema<?> problem() {
        return new ObjectSchema()
                .addProperty("type", new StringSchema().example(ProblemType.NOT_FOUND.uri()))
                .addProperty("title", new StringSchema())
                .addProperty("status", new IntegerSchema())
                .addProperty("detail", new StringSchema())
                .addProperty("requestId", new StringSchema())
                .addProperty(
                        "errors",
                        new ArraySchema()
                                .items(new ObjectSchema()
                                        .addProperty("field", new StringSchema())
                                        .addProperty("message", new StringSchema())));
    }

    private static ApiResponse problemResponse(String description) {
        return new ApiResponse()
                .description(description)
                .content(new Content()
                        .addMediaType(
                                "application/problem+json",
                                new MediaType().schema(new Schema<>().$ref("#/components/schemas/" + PROBLEM))));
    }

    private static Content json(Schema<?> schema) {
        return new Content().addMediaType("application/json", new MediaType().schema(schema));
    }

    private static Header header(String description) {
        return new Header().description(description).schema(new StringSchema());
    }

    private static SecurityScheme bearer(String description) {
        return new SecurityScheme()
                .type(SecurityScheme.Type.HTTP)
                .scheme("bearer")
                .description(description);
    }
}
