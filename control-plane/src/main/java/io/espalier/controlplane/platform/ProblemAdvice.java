package io.espalier.controlplane.platform;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.Problem;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** The one place where an exception becomes an answer. What is not listed here is logged with its id and told nothing of. */
@RestControllerAdvice
class ProblemAdvice {
    private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);
    /** When to come again where nobody knows better. */
    private static final Duration SOON = Duration.ofSeconds(2);

    @ExceptionHandler
    ResponseEntity<Problem> handle(ProblemException e, HttpServletRequest request) {
        return answer(
                e.type(), e.getMessage(), e.errors(), request, e.retryAfter().orElse(SOON));
    }

    @ExceptionHandler
    ResponseEntity<Problem> handle(MethodArgumentNotValidException e, HttpServletRequest request) {
        List<FieldError> errors = e.getBindingResult().getFieldErrors().stream()
                .map(error -> new FieldError(
                        error.getField(),
                        error.getDefaultMessage() == null ? "is not valid" : error.getDefaultMessage()))
                .sorted(java.util.Comparator.comparing(FieldError::field).thenComparing(FieldError::message))
                .toList();
        return answer(ProblemType.INVALID_REQUEST, detail(errors), errors, request);
    }

    @ExceptionHandler
    ResponseEntity<Problem> handle(HandlerMethodValidationException e, HttpServletRequest request) {
        List<FieldError> errors = e.getParameterValidationResults().stream()
                .flatMap(result -> result.getResolvableErrors().stream()
                        .map(error -> new FieldError(
                                String.valueOf(result.getMethodParameter().getParameterName()),
                                String.valueOf(error.getDefaultMessage()))))
                .toList();
        return answer(ProblemType.INVALID_REQUEST, detail(errors), errors, request);
    }

    /**
     * JSON that is no JSON is malformed; JSON of the wrong shape has an invalid field, which Jackson knows the path of. What
     * was refused while Jackson read, as a body without end, is a problem already.
     */
    @ExceptionHandler
    ResponseEntity<Problem> handle(HttpMessageNotReadableException e, HttpServletRequest request) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof ProblemException problem) {
                return handle(problem, request);
            }
        }
        if (e.getCause() instanceof DatabindException mismatch
                && !mismatch.getPath().isEmpty()) {
            String field = path(mismatch);
            String message = mismatch instanceof UnrecognizedPropertyException
                    ? "is not a field of this request"
                    : "has a value of the wrong kind";
            return answer(
                    ProblemType.INVALID_REQUEST,
                    field + ": " + message,
                    List.of(new FieldError(field, message)),
                    request);
        }
        return answer(
                ProblemType.MALFORMED_REQUEST,
                "The body must be a JSON object as the API describes.",
                List.of(),
                request);
    }

    private static String path(DatabindException mismatch) {
        return mismatch.getPath().stream()
                .map(JacksonException.Reference::getPropertyName)
                .map(name -> name == null ? "[]" : name.isBlank() ? '"' + name + '"' : name)
                .collect(Collectors.joining("."))
                .replace(".[]", "[]");
    }

    /** A number in a path that is none is the number of nothing. */
    @ExceptionHandler
    ResponseEntity<Problem> handle(MethodArgumentTypeMismatchException e, HttpServletRequest request) {
        if (e.getParameter().hasParameterAnnotation(PathVariable.class)) {
            return notFound(request);
        }
        return answer(
                ProblemType.INVALID_REQUEST,
                e.getName() + ": has a value of the wrong kind",
                List.of(new FieldError(e.getName(), "has a value of the wrong kind")),
                request);
    }

    @ExceptionHandler
    ResponseEntity<Problem> handle(MissingServletRequestParameterException e, HttpServletRequest request) {
        return answer(
                ProblemType.INVALID_REQUEST,
                e.getParameterName() + ": is missing",
                List.of(new FieldError(e.getParameterName(), "is missing")),
                request);
    }

    /** Parameters that the container cannot decode, or will not. */
    @ExceptionHandler
    ResponseEntity<Problem> handle(InvalidParameterException e, HttpServletRequest request) {
        return answer(Problems.typeOf(e.getErrorCode()), "The parameters cannot be read.", List.of(), request);
    }

    /** What Spring Security's firewall finds only when it is asked for: a parameter's or a header's characters. */
    @ExceptionHandler
    ResponseEntity<Problem> handle(RequestRejectedException e, HttpServletRequest request) {
        log.debug("The firewall refused a request", e);
        return answer(ProblemType.MALFORMED_REQUEST, null, List.of(), request);
    }

    /** No row of ours has a version: this is one that another request deleted first. */
    @ExceptionHandler
    ResponseEntity<Problem> handle(OptimisticLockingFailureException e, HttpServletRequest request) {
        return notFound(request);
    }

    @ExceptionHandler
    ResponseEntity<Problem> handle(NoResourceFoundException e, HttpServletRequest request) {
        return notFound(request);
    }

    @ExceptionHandler
    ResponseEntity<Problem> handle(HttpRequestMethodNotSupportedException e, HttpServletRequest request) {
        var allowed = e.getSupportedHttpMethods();
        ResponseEntity<Problem> problem = answer(
                ProblemType.METHOD_NOT_ALLOWED,
                e.getMethod() + " is not a method of this resource.",
                List.of(),
                request);
        return allowed == null
                ? problem
                : ResponseEntity.status(problem.getStatusCode())
                        .headers(problem.getHeaders())
                        .allow(allowed.toArray(HttpMethod[]::new))
                        .body(problem.getBody());
    }

    @ExceptionHandler
    ResponseEntity<Problem> handle(HttpMediaTypeNotSupportedException e, HttpServletRequest request) {
        return answer(
                ProblemType.UNSUPPORTED_MEDIA_TYPE,
                "The body must be one of " + e.getSupportedMediaTypes() + ".",
                List.of(),
                request);
    }

    @ExceptionHandler
    ResponseEntity<Problem> handle(HttpMediaTypeNotAcceptableException e, HttpServletRequest request) {
        return answer(ProblemType.NOT_ACCEPTABLE, null, List.of(), request);
    }

    @ExceptionHandler
    ResponseEntity<Problem> handle(AccessDeniedException e, HttpServletRequest request) {
        return answer(ProblemType.FORBIDDEN, null, List.of(), request);
    }

    /** Two requests wanted the same at once, and the other was first. */
    @ExceptionHandler
    ResponseEntity<Problem> handle(DataIntegrityViolationException e, HttpServletRequest request) {
        log.info("A constraint decided a race: {}", e.getMostSpecificCause().getMessage());
        return answer(ProblemType.CONFLICT, "Something of that name exists, or was just changed.", List.of(), request);
    }

    @ExceptionHandler({
        DataAccessResourceFailureException.class,
        CannotCreateTransactionException.class,
        PessimisticLockingFailureException.class
    })
    ResponseEntity<Problem> databaseIsAway(Exception e, HttpServletRequest request) {
        log.warn("The database is away: {}", e.toString());
        return answer(ProblemType.UNAVAILABLE, "Please try again in a moment.", List.of(), request);
    }

    @ExceptionHandler(java.io.UncheckedIOException.class)
    ResponseEntity<Problem> aServerIsAway(java.io.UncheckedIOException e, HttpServletRequest request) {
        log.warn("A server is away", e);
        return answer(ProblemType.UNAVAILABLE, "Please try again in a moment.", List.of(), request);
    }

    /** The caller is gone; there is nobody to answer. */
    @ExceptionHandler
    void handle(AsyncRequestNotUsableException e) {
        log.debug("A caller left: {}", e.toString());
    }

    @ExceptionHandler
    ResponseEntity<Problem> handle(Exception e, HttpServletRequest request) {
        if (e instanceof ErrorResponse response && response.getStatusCode().is4xxClientError()) {
            log.debug("Spring refused a request", e);
            return answer(Problems.typeOf(response.getStatusCode().value()), null, List.of(), request);
        }
        log.error("{} {} failed", request.getMethod(), request.getRequestURI(), e);
        return answer(
                ProblemType.INTERNAL,
                "We have logged this under the request id and will look into it.",
                List.of(),
                request);
    }

    private static ResponseEntity<Problem> notFound(HttpServletRequest request) {
        return answer(ProblemType.NOT_FOUND, null, List.of(), request);
    }

    private static ResponseEntity<Problem> answer(
            ProblemType type, @Nullable String detail, List<FieldError> errors, HttpServletRequest request) {
        return answer(type, detail, errors, request, SOON);
    }

    private static ResponseEntity<Problem> answer(
            ProblemType type,
            @Nullable String detail,
            List<FieldError> errors,
            HttpServletRequest request,
            Duration retryAfter) {
        var response = ResponseEntity.status(type.status()).contentType(MediaType.parseMediaType(Problem.MEDIA_TYPE));
        if (type.status() == 503 || type.status() == 429) {
            response.header(HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, retryAfter.toSeconds())));
        }
        return response.body(Problem.of(type, detail, Requests.id(request), errors));
    }

    private static String detail(List<FieldError> errors) {
        return errors.stream()
                .map(error -> error.field() + ": " + error.message())
                .collect(Collectors.joining("; "));
    }
}
