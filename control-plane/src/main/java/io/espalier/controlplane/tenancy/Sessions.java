package io.espalier.controlplane.tenancy;

import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.controlplane.platform.Ids;
import io.espalier.controlplane.platform.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/** Logins. They live in the database, so any replica knows them and a restart logs nobody out. */
@Service
public class Sessions {
    static final Duration IDLE = Duration.ofHours(12);
    public static final Duration LONGEST = Duration.ofDays(30);
    /** How stale {@code last_seen_at} may be: not every request writes. */
    private static final Duration SEEN_PRECISION = Duration.ofMinutes(5);

    private final JdbcClient jdbc;
    private final JdbcClient directory;
    private final MemberRepository members;
    private final PasswordEncoder passwords;
    private final TransactionTemplate transaction;
    /** Checked where no member has the address, so that the answer takes as long. */
    private final String nobodysHash;

    Sessions(
            JdbcClient jdbc,
            @Qualifier("directory") JdbcClient directory,
            MemberRepository members,
            PasswordEncoder passwords,
            TransactionTemplate transaction) {
        this.jdbc = jdbc;
        this.directory = directory;
        this.members = members;
        this.passwords = passwords;
        this.transaction = transaction;
        this.nobodysHash = passwords.encode(Secrets.random());
    }

    /** @param token for the cookie; only its hash is kept */
    public record Login(CurrentMember member, String token) {}

    private record Credentials(UUID tenant, UUID member, String hash) {}

    /** @return empty if there is no such member or the password is another; both take equally long */
    public Optional<Login> logIn(String email, String password) {
        Optional<Credentials> found = Members.address(email).flatMap(this::credentials);
        boolean right = matches(password, found.map(Credentials::hash).orElse(nobodysHash));
        return right ? found.map(this::begin) : Optional.empty();
    }

    /** Hashes no more of what was sent than a password can have. */
    private boolean matches(String password, String hash) {
        return passwords.matches(
                password.substring(0, Math.min(password.length(), Members.LONGEST_PASSWORD + 1)), hash);
    }

    private Optional<Credentials> credentials(String address) {
        return directory
                .sql("select tenant_id, id, password_hash from member where lower(email) = ?")
                .param(address)
                .query((row, number) -> new Credentials(
                        row.getObject("tenant_id", UUID.class),
                        row.getObject("id", UUID.class),
                        row.getString("password_hash")))
                .optional();
    }

    private Login begin(Credentials who) {
        String token = Secrets.random();
        CurrentMember member = new CurrentMember(who.tenant(), who.member(), Ids.next());
        OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
        TenantContext.run(
                who.tenant(),
                () -> transaction.executeWithoutResult(status -> {
                    jdbc.sql(
                                    "delete from session where tenant_id = ? and member_id = ? and (last_seen_at < ? or created_at < ?)")
                            .params(who.tenant(), who.member(), now.minus(IDLE), now.minus(LONGEST))
                            .update();
                    jdbc.sql(
                                    "insert into session (tenant_id, id, member_id, token_sha256, created_at, last_seen_at) values (?, ?, ?, ?, ?, ?)")
                            .params(who.tenant(), member.session(), who.member(), Sha256.of(token), now, now)
                            .update();
                }));
        return new Login(member, token);
    }

    private record Found(CurrentMember member, Instant lastSeen) {}

    /** @return who the token was given to, unless the session has ended */
    public Optional<CurrentMember> find(String token) {
        OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
        Optional<Found> found = directory
                .sql("""
                        select tenant_id, id, member_id, last_seen_at from session
                        where token_sha256 = ? and last_seen_at > ? and created_at > ?""")
                .params(Sha256.of(token), now.minus(IDLE), now.minus(LONGEST))
                .query((row, number) -> new Found(
                        new CurrentMember(
                                row.getObject("tenant_id", UUID.class),
                                row.getObject("member_id", UUID.class),
                                row.getObject("id", UUID.class)),
                        row.getObject("last_seen_at", OffsetDateTime.class).toInstant()))
                .optional();
        found.filter(session -> session.lastSeen().plus(SEEN_PRECISION).isBefore(now.toInstant()))
                .ifPresent(session -> seen(session.member(), now));
        return found.map(Found::member);
    }

    private void seen(CurrentMember member, OffsetDateTime now) {
        TenantContext.run(
                member.tenant(),
                () -> transaction.executeWithoutResult(
                        status -> jdbc.sql("update session set last_seen_at = ? where tenant_id = ? and id = ?")
                                .params(now, member.tenant(), member.session())
                                .update()));
    }

    @Transactional
    public void logOut(CurrentMember member) {
        jdbc.sql("delete from session where tenant_id = ? and id = ?")
                .params(member.tenant(), member.session())
                .update();
    }

    /** Ends every other session of the member: who changes a password may have lost it. */
    @Transactional
    public void changePassword(CurrentMember current, String currentPassword, String newPassword) {
        Member member =
                members.findByTenantIdAndId(current.tenant(), current.member()).orElseThrow();
        if (!matches(currentPassword, member.passwordHash())) {
            throw ProblemException.invalidField("currentPassword", "is not your password");
        }
        List<FieldError> errors = Members.problemsWith("newPassword", newPassword);
        if (!errors.isEmpty()) {
            throw new ProblemException(ProblemType.INVALID_REQUEST, "The password cannot be changed.", errors);
        }
        member.changePassword(passwords.encode(newPassword));
        jdbc.sql("delete from session where tenant_id = ? and member_id = ? and id <> ?")
                .params(current.tenant(), current.member(), current.session())
                .update();
    }
}
