package io.espalier.controlplane.dataset;

import io.espalier.controlplane.platform.TenantScopedId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.repository.Repository;

interface UploadedPartRepository extends Repository<UploadedPart, TenantScopedId> {
    UploadedPart save(UploadedPart part);

    Optional<UploadedPart> findByTenantIdAndVersionIdAndName(UUID tenant, UUID version, String name);

    List<UploadedPart> findByTenantIdAndVersionIdInOrderByName(UUID tenant, Collection<UUID> versions);

    long countByTenantIdAndVersionId(UUID tenant, UUID version);

    void delete(UploadedPart part);

    void flush();
}
