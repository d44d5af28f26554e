package io.espalier.controlplane.platform;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.zaxxer.hikari.HikariDataSource;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.process.Settings;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.hibernate.cfg.MappingSettings;
import org.hibernate.type.format.jackson.JacksonJsonFormatMapper;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.format.FormatterRegistry;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Two roles, two pools: {@code espalier_app} sees the rows of the transaction's tenant; {@code espalier_directory} may read,
 * across tenants, the few columns that login, the route table and the reconciler need. A third, the owner, only migrates.
 */
@Configuration(proxyBeanMethods = false)
class PlatformConfiguration implements WebMvcConfigurer {
    @Override
    public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(new PageRequestResolver());
    }

    @Override
    public void addFormatters(FormatterRegistry registry) {
        registry.addConverter(String.class, UUID.class, Ids::read);
    }

    @Bean
    Settings settings() {
        return Settings.ofProcess();
    }

    @Bean
    @Primary
    DataSource dataSource(Settings settings) {
        return pool(settings, "espalier_app", settings.required(Settings.DATABASE_APP_PASSWORD), 16);
    }

    @Bean(defaultCandidate = false)
    @Qualifier("directory")
    DataSource directoryDataSource(Settings settings) {
        HikariDataSource pool =
                pool(settings, "espalier_directory", settings.required(Settings.DATABASE_DIRECTORY_PASSWORD), 6);
        pool.setReadOnly(true);
        // Its statements take milliseconds: a database that says nothing for so long is gone, whatever TCP believes.
        pool.addDataSourceProperty("socketTimeout", "10");
        return pool;
    }

    @Bean
    @Primary
    JdbcClient jdbcClient(DataSource dataSource) {
        return JdbcClient.create(dataSource);
    }

    /** Reads across tenants. Outside of transactions: one statement, one snapshot. */
    @Bean(defaultCandidate = false)
    @Qualifier("directory")
    JdbcClient directoryClient(@Qualifier("directory") DataSource directory) {
        return JdbcClient.create(directory);
    }

    /**
     * Columns of JSON outlive the release that wrote them: a field that ours no longer knows is passed over. Otherwise as
     * Hibernate makes it, so that what is stored stays readable.
     */
    @Bean
    HibernatePropertiesCustomizer storedJson() {
        ObjectMapper json =
                new ObjectMapper().findAndRegisterModules().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        return properties -> properties.put(MappingSettings.JSON_FORMAT_MAPPER, new JacksonJsonFormatMapper(json));
    }

    @Bean
    TransactionTemplate transactionTemplate(PlatformTransactionManager transactions) {
        return new TransactionTemplate(transactions);
    }

    /**
     * A thread for each of our periodic tasks: one that waits for Temporal or the store keeps none of the others. With
     * virtual threads Spring Boot's own scheduler runs them all on one.
     */
    @Bean
    ThreadPoolTaskScheduler taskScheduler() {
        ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
        scheduler.setPoolSize(4);
        scheduler.setThreadNamePrefix("scheduled-");
        return scheduler;
    }

    @Bean(destroyMethod = "close")
    ObjectStore objectStore(Settings settings) {
        return new ObjectStore(settings.objectStore());
    }

    private static HikariDataSource pool(Settings settings, String role, String password, int size) {
        HikariDataSource pool = new HikariDataSource();
        pool.setPoolName(role);
        pool.setJdbcUrl(settings.required(Settings.DATABASE_URL));
        pool.setUsername(role);
        pool.setPassword(password);
        pool.setMaximumPoolSize(size);
        pool.setMinimumIdle(2);
        // The database may start after us, and may be restarted.
        pool.setInitializationFailTimeout(-1);
        pool.setConnectionTimeout(10_000);
        return pool;
    }
}
