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

interface DatasetVersionRepository extends Repository<DatasetVersion, TenantScopedId> {
    DatasetVersion save(DatasetVersion version);

    Optional<DatasetVersion> findByTenantIdAndId(UUID tenant, UUID id);

    @Query("select id from DatasetVersion where tenantId = :tenant and datasetId = :dataset and id = :id")
    Optional<UUID> idOf(UUID tenant, UUID dataset, UUID id);

    @Query("select id from DatasetVersion where tenantId = :tenant and datasetId = :dataset and number = :number")
    Optional<UUID> idOf(UUID tenant, UUID dataset, int number);

    /** Before anything else reads the row in the transaction: an entity that is known already is not read again. */
    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("from DatasetVersion where tenantId = :tenant and id = :id")
    Optional<DatasetVersion> lock(UUID tenant, UUID id);

    /** Newest first. */
    List<DatasetVersion> findByTenantIdAndDatasetIdAndIdLessThanOrderByIdDesc(
            UUID tenant, UUID dataset, UUID before, Limit limit);

    /** Against every change until the transaction ends, in the order of ids, so that two deletions do not lock each other out. */
    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("from DatasetVersion where tenantId = :tenant and datasetId = :dataset order by id")
    List<DatasetVersion> lockAll(UUID tenant, UUID dataset);

    void delete(DatasetVersion version);
}
