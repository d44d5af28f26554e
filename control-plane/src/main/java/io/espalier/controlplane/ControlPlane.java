package io.espalier.controlplane;

import io.espalier.contracts.process.ParentWatch;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.scheduling.annotation.EnableScheduling;

@SpringBootApplication
@EnableScheduling
public class ControlPlane {
    public static void main(String[] arguments) {
        ParentWatch.start();
        SpringApplication.run(ControlPlane.class, arguments);
    }
}
