package io.espalier.controlplane.platform;

import io.espalier.contracts.problem.ProblemType;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/**
 * Completes what springdoc reads off the controllers: who may call, how errors look, and the routes that the gateway serves.
 */
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {
    static {
        SpringDocUtils.getConfig().addRequestWrapperToIgnore(PageRequest.class);
    }

    private static final String PROBLEM = "Problem";
    private static final String SESSION = "session";
    private static final String OPERATOR = "operatorCredential";
    static final String API_KEY = "apiKey";

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
            PredictionOperation.addTo(api, json);
            EventOperations.addTo(api, json);
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

    static Parameter query(String name, String description, Schema<?> schema) {
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

    static ApiResponse problemResponse(String description) {
        return new ApiResponse()
                .description(description)
                .content(new Content()
                        .addMediaType(
                                "application/problem+json",
                                new MediaType().schema(new Schema<>().$ref("#/components/schemas/" + PROBLEM))));
    }

    private static SecurityScheme bearer(String description) {
        return new SecurityScheme()
                .type(SecurityScheme.Type.HTTP)
                .scheme("bearer")
                .description(description);
    }
}
