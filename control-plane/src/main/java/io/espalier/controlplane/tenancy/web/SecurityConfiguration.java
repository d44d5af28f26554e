package io.espalier.controlplane.tenancy.web;

import io.espalier.contracts.problem.ProblemType;
import io.espalier.controlplane.platform.Problems;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import java.util.Set;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.crypto.password.DelegatingPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfFilter;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;

/**
 * The one chain of every route. Whoever is not let in by a line here is not let in: the last line denies. The session's
 * cookie needs a CSRF token on unsafe methods; bearer credentials do not, for no browser sends them by itself.
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");
    private static final String PBKDF2 = "pbkdf2@SpringSecurity_v5_8";

    @Bean
    SecurityFilterChain chain(HttpSecurity http, CredentialFilter credentials, Problems problems) {
        return http.sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .csrf(csrf -> csrf.csrfTokenRepository(CookieCsrfTokenRepository.withHttpOnlyFalse())
                        .csrfTokenRequestHandler(new CsrfTokenRequestAttributeHandler())
                        // By default every request of a stateless chain is a login, after which the token is replaced.
                        .sessionAuthenticationStrategy((authentication, request, response) -> {})
                        .requireCsrfProtectionMatcher(SecurityConfiguration::needsCsrfToken))
                .formLogin(AbstractHttpConfigurer::disable)
                .httpBasic(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .addFilterAfter(credentials, CsrfFilter.class)
                .exceptionHandling(handling -> handling.authenticationEntryPoint((request, response, e) -> {
                            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
                            problems.write(request, response, ProblemType.UNAUTHENTICATED, "Please log in.");
                        })
                        .accessDeniedHandler((request, response, e) ->
                                problems.write(request, response, ProblemType.FORBIDDEN, null)))
                .authorizeHttpRequests(routes -> routes.dispatcherTypeMatchers(
                                DispatcherType.ERROR, DispatcherType.ASYNC)
                        .permitAll()
                        .requestMatchers("/internal/**")
                        .hasAuthority(CredentialFilter.SERVICE)
                        .requestMatchers("/api/tenants")
                        .hasAuthority(CredentialFilter.OPERATOR)
                        .requestMatchers(HttpMethod.POST, "/api/session")
                        .permitAll()
                        .requestMatchers(HttpMethod.GET, "/api/openapi.json")
                        .permitAll()
                        .requestMatchers("/api/**")
                        .hasAuthority(CredentialFilter.MEMBER)
                        .requestMatchers(HttpMethod.GET, "/", "/index.html", "/style.css", "/health/**", "/metrics")
                        .permitAll()
                        .anyRequest()
                        .denyAll())
                .build();
    }

    private static boolean needsCsrfToken(HttpServletRequest request) {
        boolean login =
                request.getMethod().equals("POST") && request.getRequestURI().equals("/api/session");
        return !SAFE.contains(request.getMethod())
                && !login
                && CredentialFilter.sessionToken(request).isPresent();
    }

    /** PBKDF2 reads passwords of any length; bcrypt would ignore what is beyond 72 bytes. */
    @Bean
    PasswordEncoder passwordEncoder() {
        return new DelegatingPasswordEncoder(
                PBKDF2, Map.of(PBKDF2, Pbkdf2PasswordEncoder.defaultsForSpringSecurity_v5_8()));
    }
}
