package io.espalier.controlplane.training;

import io.espalier.contracts.job.JobState;
import io.espalier.controlplane.platform.TenantScopedId;
import jakarta.persistence.LockModeType;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface TrainingJobRepository extends Repository<TrainingJob, TenantScopedId> {
    TrainingJob saveAndFlush(TrainingJob job);

    Optional<TrainingJob> findByTenantIdAndId(UUID tenant, UUID id);

    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("from TrainingJob where tenantId = :tenant and id = :id")
    Optional<TrainingJob> lock(UUID tenant, UUID id);

    @Query("select state from TrainingJob where tenantId = :tenant and id = :id")
    Optional<JobState> stateOf(UUID tenant, UUID id);

    /** Newest first; ids grow with time. */
    @Query("""
            from TrainingJob
            where tenantId = :tenant and (:product is null or productId = :product) and state in :states and id < :before
            order by id desc""")
    List<TrainingJob> page(UUID tenant, @Nullable UUID product, Collection<JobState> states, UUID before, Limit limit);

    List<TrainingJob> findByTenantIdAndProductId(UUID tenant, UUID product);

    boolean existsByTenantIdAndProductIdAndStateNotIn(UUID tenant, UUID product, Collection<JobState> states);

    boolean existsByTenantIdAndDatasetVersionIdInAndStateNotIn(
            UUID tenant, Collection<UUID> versions, Collection<JobState> states);

    /** The newest jobs that succeeded on the same task; their trainings tell how long the next one takes. */
    List<TrainingJob> findByTenantIdAndTaskAndStateOrderByIdDesc(UUID tenant, String task, JobState state, Limit limit);
}
