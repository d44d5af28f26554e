package io.espalier.tests;

import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands the one installation of the test run to whoever asks for it; it starts when the first one does. */
final class SharedInstallation implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(SharedInstallation.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType().equals(Installation.class);
    }

    @Override
    public Installation resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // The root store closes both when the run is over. Jobs of seconds should have checkpoints, too.
        return context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(
                        Installation.class,
                        _ -> Installation.start(
                                "shared", Map.of("ESPALIER_CHECKPOINT_SECONDS", "3", "ESPALIER_HUB_URL", hub(context))),
                        Installation.class);
    }

    private static String hub(ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(Hub.class, _ -> Hub.start(), Hub.class)
                .address()
                .toString();
    }
}
