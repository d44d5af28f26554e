package io.espalier.controlplane.platform;

import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.RecordComponent;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Describes a record's components as required unless they are {@code @Nullable}: what the compiler holds for our code, we
 * promise to callers, and ask of them.
 */
@Component
final class RequiredComponents implements ModelConverter {
    @Override
    @SuppressWarnings("rawtypes") // The library's signature.
    public @Nullable Schema resolve(AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
        Schema<?> resolved = chain.hasNext() ? chain.next().resolve(type, context, chain) : null;
        Class<?> described = Json.mapper().constructType(type.getType()).getRawClass();
        Schema<?> schema = definition(resolved, context);
        if (schema == null || schema.getProperties() == null || !described.isRecord()) {
            return resolved;
        }
        for (RecordComponent component : described.getRecordComponents()) {
            String name = component.getName();
            if (schema.getProperties().containsKey(name)
                    && !component.getAnnotatedType().isAnnotationPresent(Nullable.class)
                    && (schema.getRequired() == null || !schema.getRequired().contains(name))) {
                schema.addRequiredItem(name);
            }
        }
        return resolved;
    }

    private static @Nullable Schema<?> definition(@Nullable Schema<?> resolved, ModelConverterContext context) {
        if (resolved == null || resolved.get$ref() == null) {
            return resolved;
        }
        return context.getDefinedModels().get(resolved.get$ref().substring(Components.COMPONENTS_SCHEMAS_REF.length()));
    }
}
