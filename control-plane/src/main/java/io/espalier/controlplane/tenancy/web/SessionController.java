package io.espalier.controlplane.tenancy.web;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.controlplane.platform.TenantContext;
import io.espalier.controlplane.tenancy.CurrentMember;
import io.espalier.controlplane.tenancy.Member;
import io.espalier.controlplane.tenancy.Members;
import io.espalier.controlplane.tenancy.Sessions;
import io.espalier.controlplane.tenancy.Tenants;
import io.swagger.v3.oas.annotations.Parameter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.UUID;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Logging in and out. The session travels in a cookie that scripts cannot read. */
@RestController
@RequestMapping("/api/session")
class SessionController {
    static final String COOKIE = "espalier_session";

    private final Sessions sessions;
    private final Members members;
    private final Tenants tenants;
    private final LoginThrottle throttle;

    SessionController(Sessions sessions, Members members, Tenants tenants, LoginThrottle throttle) {
        this.sessions = sessions;
        this.members = members;
        this.tenants = tenants;
        this.throttle = throttle;
    }

    record LogInRequest(
            @NotBlank @Size(max = Members.LONGEST_EMAIL) String email,
            @NotNull String password) {}

    record ChangePasswordRequest(
            @NotNull String currentPassword, @NotNull String newPassword) {}

    record SessionResponse(MemberSummary member, TenantSummary tenant) {
        record MemberSummary(UUID id, String email, Member.Role role) {}

        record TenantSummary(UUID id, String name) {}
    }

    @PostMapping
    SessionResponse logIn(
            @Valid @RequestBody LogInRequest request,
            HttpServletRequest servlet,
            HttpServletResponse response,
            @Parameter(hidden = true) CsrfToken csrf) {
        throttle.admit(request.email(), servlet.getRemoteAddr());
        var login = sessions.logIn(request.email(), request.password())
                .orElseThrow(() -> new ProblemException(
                        ProblemType.UNAUTHENTICATED, "The email address or the password is wrong."));
        throttle.succeeded(request.email(), servlet.getRemoteAddr());
        // Asked for, so that its cookie is in this answer and the next request can be an unsafe one.
        csrf.getToken();
        // Added to the answer itself: headers of a ResponseEntity would take the token's cookie away.
        response.addHeader(
                HttpHeaders.SET_COOKIE, cookie(login.token(), servlet.isSecure(), Sessions.LONGEST.toSeconds()));
        return TenantContext.call(login.member().tenant(), () -> describe(login.member()));
    }

    @GetMapping
    SessionResponse getSession(
            @Parameter(hidden = true) @AuthenticationPrincipal CurrentMember current,
            @Parameter(hidden = true) CsrfToken csrf) {
        csrf.getToken();
        return describe(current);
    }

    @DeleteMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    ResponseEntity<Void> logOut(
            @Parameter(hidden = true) @AuthenticationPrincipal CurrentMember current, HttpServletRequest servlet) {
        sessions.logOut(current);
        return ResponseEntity.noContent()
                .header(HttpHeaders.SET_COOKIE, cookie("", servlet.isSecure(), 0))
                .build();
    }

    @PutMapping("/password")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void changePassword(
            @Parameter(hidden = true) @AuthenticationPrincipal CurrentMember current,
            @Valid @RequestBody ChangePasswordRequest request,
            HttpServletRequest servlet) {
        // Whoever has found an open session may not guess the password with it either.
        String who = current.member().toString();
        throttle.admit(who, servlet.getRemoteAddr());
        sessions.changePassword(current, request.currentPassword(), request.newPassword());
        throttle.succeeded(who, servlet.getRemoteAddr());
    }

    private SessionResponse describe(CurrentMember current) {
        Member member = members.get(current.tenant(), current.member());
        return new SessionResponse(
                new SessionResponse.MemberSummary(member.id(), member.email(), member.role()),
                new SessionResponse.TenantSummary(
                        current.tenant(), tenants.get(current.tenant()).name()));
    }

    private static String cookie(String token, boolean secure, long seconds) {
        return ResponseCookie.from(COOKIE, token)
                .httpOnly(true)
                .secure(secure)
                .sameSite("Lax")
                .path("/")
                .maxAge(seconds)
                .build()
                .toString();
    }
}
