package io.espalier.controlplane;

import io.espalier.contracts.process.ParentWatch;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.scheduling.annotation.EnableScheduling;

// Members are in the database; Boot would make up a user with a password of its own.
@SpringBootApplication(exclude = UserDetailsServiceAutoConfiguration.class)
@EnableScheduling
public class ControlPlane {
    public static void main(String[] arguments) {
        ParentWatch.start();
        SpringApplication.run(ControlPlane.class, arguments);
    }
}
