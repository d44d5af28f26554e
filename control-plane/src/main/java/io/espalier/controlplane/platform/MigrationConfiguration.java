package io.espalier.controlplane.platform;

import io.espalier.contracts.process.Settings;
import java.util.Map;
import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Migrations run as the owner of the tables, who makes the two roles that the control plane works as. */
@Configuration(proxyBeanMethods = false)
class MigrationConfiguration {
    @Bean
    FlywayConfigurationCustomizer asOwner(Settings settings) {
        return flyway -> flyway.dataSource(
                        settings.required(Settings.DATABASE_URL),
                        settings.get(Settings.DATABASE_OWNER, "espalier_owner"),
                        settings.required(Settings.DATABASE_OWNER_PASSWORD))
                .connectRetries(60)
                .connectRetriesInterval(1)
                .placeholders(Map.of(
                        "appPassword", literal(settings.required(Settings.DATABASE_APP_PASSWORD)),
                        "directoryPassword", literal(settings.required(Settings.DATABASE_DIRECTORY_PASSWORD))));
    }

    /** As it stands between the quotes of an SQL literal. */
    private static String literal(String password) {
        return password.replace("'", "''");
    }
}
