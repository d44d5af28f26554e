package io.espalier.controlplane.catalog;

import io.espalier.controlplane.platform.TenantScopedId;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface ProductRepository extends Repository<Product, TenantScopedId> {
    Product saveAndFlush(Product product);

    Optional<Product> findByTenantIdAndId(UUID tenant, UUID id);

    /**
     * Against whatever would refer to the product, until the transaction ends. Hibernate's write lock is {@code for no key
     * update}, which lets the foreign key of a new row pass.
     */
    @Query(value = "select * from product where tenant_id = :tenant and id = :id for update", nativeQuery = true)
    Optional<Product> lockAgainstReferences(UUID tenant, UUID id);

    boolean existsByTenantIdAndSlug(UUID tenant, String slug);

    /** Newest first; ids grow with time. */
    List<Product> findByTenantIdAndIdLessThanOrderByIdDesc(UUID tenant, UUID before, Limit limit);

    void delete(Product product);
}
