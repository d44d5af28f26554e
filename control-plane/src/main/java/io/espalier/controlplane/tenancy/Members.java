package io.espalier.controlplane.tenancy;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.controlplane.platform.Ids;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.data.domain.Limit;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The members of tenants. */
@Service
public class Members {
    static final int SHORTEST_PASSWORD = 12;
    /** Nobody types more, and hashing a megabyte is an attack. */
    static final int LONGEST_PASSWORD = 256;

    /** RFC 5321 allows no more. */
    public static final int LONGEST_EMAIL = 254;

    private static final Pattern EMAIL = Pattern.compile("[^\\s@\\p{Cntrl}\\p{Cs}]+@[^\\s@\\p{Cntrl}\\p{Cs}]+");

    private final MemberRepository members;
    private final JdbcClient directory;
    private final PasswordEncoder passwords;

    Members(MemberRepository members, @Qualifier("directory") JdbcClient directory, PasswordEncoder passwords) {
        this.members = members;
        this.directory = directory;
        this.passwords = passwords;
    }

    /** @throws ProblemException INVALID_REQUEST if the address is none or taken, or the password too short */
    @Transactional
    public Member add(UUID tenant, String email, String password) {
        return add(tenant, email, password, Member.Role.MEMBER, "");
    }

    /** @param path what the request calls the object that holds the address: empty, or with a full stop at its end */
    Member add(UUID tenant, String email, String password, Member.Role role, String path) {
        String address = address(email).orElse("");
        List<FieldError> errors = new ArrayList<>();
        if (address.isEmpty()) {
            errors.add(new FieldError(path + "email", "must be an email address"));
        } else if (taken(address)) {
            errors.add(new FieldError(path + "email", "is used already"));
        }
        errors.addAll(problemsWith(path + "password", password));
        if (!errors.isEmpty()) {
            throw new ProblemException(ProblemType.INVALID_REQUEST, "The member cannot be added.", errors);
        }
        return members.saveAndFlush(new Member(
                tenant,
                Ids.next(),
                address,
                passwords.encode(password),
                role,
                Instant.now().truncatedTo(ChronoUnit.MILLIS)));
    }

    /** @return the address as it is stored; empty if it is none */
    static Optional<String> address(String email) {
        String address = email.strip().toLowerCase(Locale.ROOT);
        return address.length() <= LONGEST_EMAIL && EMAIL.matcher(address).matches()
                ? Optional.of(address)
                : Optional.empty();
    }

    static List<FieldError> problemsWith(String field, String password) {
        return password.length() < SHORTEST_PASSWORD || password.length() > LONGEST_PASSWORD
                ? List.of(new FieldError(
                        field, "must have %d to %d characters".formatted(SHORTEST_PASSWORD, LONGEST_PASSWORD)))
                : List.of();
    }

    private boolean taken(String address) {
        return directory
                .sql("select exists (select from member where lower(email) = ?)")
                .param(address)
                .query(Boolean.class)
                .single();
    }

    @Transactional(readOnly = true)
    public Member get(UUID tenant, UUID id) {
        return members.findByTenantIdAndId(tenant, id).orElseThrow(Members::unknown);
    }

    @Transactional(readOnly = true)
    public Page<Member> list(UUID tenant, PageRequest page) {
        return page.of(
                members.findByTenantIdAndIdLessThanOrderByIdDesc(tenant, page.before(), Limit.of(page.limit() + 1)),
                Member::id,
                member -> member);
    }

    /** Removes the member with all sessions; the owner stays. */
    @Transactional
    public void remove(UUID tenant, UUID id) {
        Member member = get(tenant, id);
        if (member.role() == Member.Role.OWNER) {
            throw new ProblemException(ProblemType.CONFLICT, "The owner cannot be removed.");
        }
        members.delete(member);
    }

    private static ProblemException unknown() {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no such member.");
    }
}
