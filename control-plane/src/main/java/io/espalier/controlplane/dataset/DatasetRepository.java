package io.espalier.controlplane.dataset;

import io.espalier.controlplane.platform.TenantScopedId;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface DatasetRepository extends Repository<Dataset, TenantScopedId> {
    Dataset save(Dataset dataset);

    Optional<Dataset> findByTenantIdAndId(UUID tenant, UUID id);

    boolean existsByTenantIdAndId(UUID tenant, UUID id);

    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("from Dataset where tenantId = :tenant and id = :id")
    Optional<Dataset> lock(UUID tenant, UUID id);

    /** Newest first; ids grow with time. */
    List<Dataset> findByTenantIdAndIdLessThanOrderByIdDesc(UUID tenant, UUID before, Limit limit);

    void delete(Dataset dataset);
}
