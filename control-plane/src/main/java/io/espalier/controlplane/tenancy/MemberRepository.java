package io.espalier.controlplane.tenancy;

import io.espalier.controlplane.platform.TenantScopedId;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.repository.Repository;

interface MemberRepository extends Repository<Member, TenantScopedId> {
    Member saveAndFlush(Member member);

    Optional<Member> findByTenantIdAndId(UUID tenant, UUID id);

    /** Newest first; ids grow with time. */
    List<Member> findByTenantIdAndIdLessThanOrderByIdDesc(UUID tenant, UUID before, Limit limit);

    void delete(Member member);
}
