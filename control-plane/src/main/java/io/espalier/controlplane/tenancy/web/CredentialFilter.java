package io.espalier.controlplane.tenancy.web;

import io.espalier.contracts.process.Settings;
import io.espalier.controlplane.platform.TenantContext;
import io.espalier.controlplane.tenancy.CurrentMember;
import io.espalier.controlplane.tenancy.Secrets;
import io.espalier.controlplane.tenancy.Sessions;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Finds out who calls: another process with the service credential, the operator, or a member by the session's cookie. The
 * rest of a member's request runs in the context of the member's tenant, and that is where the tenant comes from.
 */
@Component
class CredentialFilter extends OncePerRequestFilter {
    static final String SERVICE = "SERVICE";
    static final String OPERATOR = "OPERATOR";
    static final String MEMBER = "MEMBER";

    private static final String BEARER = "Bearer ";

    private final Sessions sessions;
    private final String serviceCredential;
    private final String operatorCredential;

    CredentialFilter(Sessions sessions, Settings settings) {
        this.sessions = sessions;
        this.serviceCredential = settings.required(Settings.SERVICE_CREDENTIAL);
        this.operatorCredential = settings.required(Settings.OPERATOR_CREDENTIAL);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            String credential = authorization.substring(BEARER.length()).strip();
            if (request.getRequestURI().startsWith("/internal/")) {
                if (Secrets.equal(serviceCredential, credential)) {
                    authenticate("service", SERVICE);
                }
            } else if (Secrets.equal(operatorCredential, credential)) {
                authenticate("operator", OPERATOR);
            }
            chain.doFilter(request, response);
            return;
        }
        Optional<CurrentMember> member = request.getRequestURI().startsWith("/api/")
                ? sessionToken(request).flatMap(sessions::find)
                : Optional.empty();
        if (member.isEmpty()) {
            chain.doFilter(request, response);
            return;
        }
        authenticate(member.get(), MEMBER);
        try {
            TenantContext.runThrowing(member.get().tenant(), () -> {
                try {
                    chain.doFilter(request, response);
                } catch (ServletException e) {
                    throw new IOException(e);
                }
            });
        } catch (IOException e) {
            if (e.getCause() instanceof ServletException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static void authenticate(Object principal, String authority) {
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(UsernamePasswordAuthenticationToken.authenticated(
                principal, null, List.of(new SimpleGrantedAuthority(authority))));
        SecurityContextHolder.setContext(context);
    }

    static Optional<String> sessionToken(HttpServletRequest request) {
        Cookie[] cookies = request.getCookies();
        return cookies == null
                ? Optional.empty()
                : Arrays.stream(cookies)
                        .filter(cookie -> cookie.getName().equals(SessionController.COOKIE))
                        .map(Cookie::getValue)
                        .findFirst();
    }

    /** It stands in the security chain, and must not run a second time as a filter of its own. */
    @Configuration(proxyBeanMethods = false)
    static class Registration {
        @Bean
        FilterRegistrationBean<CredentialFilter> onlyInTheChain(CredentialFilter filter) {
            var registration = new FilterRegistrationBean<>(filter);
            registration.setEnabled(false);
            return registration;
        }
    }
}
