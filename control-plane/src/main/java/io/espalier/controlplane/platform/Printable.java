package io.espalier.controlplane.platform;

import jakarta.validation.Constraint;
import jakarta.validation.Payload;
import jakarta.validation.ReportAsSingleViolation;
import jakarta.validation.constraints.Pattern;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A name on one line: without control characters and broken surrogates, which PostgreSQL or a screen would choke on. */
@Pattern(regexp = "[^\\p{Cntrl}\\p{Cs}]*")
@ReportAsSingleViolation
@Constraint(validatedBy = {})
@Target({ElementType.FIELD, ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
@Retention(RetentionPolicy.RUNTIME)
public @interface Printable {
    String message() default "must not have control characters";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};
}
