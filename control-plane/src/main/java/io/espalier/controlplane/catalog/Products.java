package io.espalier.controlplane.catalog;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.TaskDescriptor.BaseModelUse;
import io.espalier.contracts.task.Tasks;
import io.espalier.controlplane.platform.Ids;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import io.espalier.controlplane.platform.RoutesChanged;
import java.text.Normalizer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The products of tenants. */
@Service
public class Products {
    private static final Pattern SLUG = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final int LONGEST_GENERATED_SLUG = 40;

    private final ProductRepository products;
    private final BaseModels baseModels;
    private final ApplicationEventPublisher publisher;

    Products(ProductRepository products, BaseModels baseModels, ApplicationEventPublisher publisher) {
        this.products = products;
        this.baseModels = baseModels;
        this.publisher = publisher;
    }

    /**
     * @param slug null for one made of the name
     * @param baseModel the platform's or the tenant's own, by name; null for the task's default
     * @throws ProblemException INVALID_REQUEST with every field that is wrong; CONFLICT if the slug is taken
     */
    @Transactional
    public Product create(UUID tenant, String name, @Nullable String slug, String task, @Nullable String baseModel) {
        List<FieldError> errors = new ArrayList<>();
        TaskDescriptor descriptor = Tasks.find(task).orElse(null);
        if (descriptor == null) {
            errors.add(new FieldError(
                    "task",
                    "must be one of "
                            + Tasks.ALL.stream().map(TaskDescriptor::name).collect(Collectors.joining(", "))));
        }
        if (slug != null && !SLUG.matcher(slug).matches()) {
            errors.add(new FieldError(
                    "slug", "must have 1 to 63 lower-case letters, digits and hyphens, no hyphen at either end"));
        }
        BaseModel chosen = descriptor == null ? null : chooseBaseModel(tenant, descriptor, baseModel, errors);
        if (!errors.isEmpty()) {
            throw new ProblemException(ProblemType.INVALID_REQUEST, "The product cannot be made like this.", errors);
        }
        if (slug != null && products.existsByTenantIdAndSlug(tenant, slug)) {
            throw new ProblemException(
                    ProblemType.CONFLICT,
                    "You have a product with this slug.",
                    List.of(new FieldError("slug", "is used already")));
        }
        Product made = products.saveAndFlush(new Product(
                tenant,
                Ids.next(),
                name.strip(),
                slug == null ? freeSlug(tenant, name) : slug,
                task,
                chosen == null ? null : chosen.name(),
                chosen == null ? null : chosen.id(),
                Instant.now().truncatedTo(ChronoUnit.MILLIS)));
        publisher.publishEvent(new RoutesChanged());
        return made;
    }

    private @Nullable BaseModel chooseBaseModel(
            UUID tenant, TaskDescriptor task, @Nullable String wanted, List<FieldError> errors) {
        if (task.baseModel() == BaseModelUse.NONE) {
            if (wanted != null) {
                errors.add(new FieldError("baseModel", "is not for " + task.name() + ", which starts from nothing"));
            }
            return null;
        }
        List<BaseModel> known = baseModels.hold(tenant, task.baseModelTask());
        if (wanted == null) {
            // In the order of their names, the English one comes first.
            return task.baseModel() == BaseModelUse.OPTIONAL ? null : known.getFirst();
        }
        Optional<BaseModel> chosen =
                known.stream().filter(model -> model.name().equals(wanted)).findFirst();
        if (chosen.isEmpty()) {
            errors.add(new FieldError(
                    "baseModel",
                    known.isEmpty()
                            ? "is none of yours: there is no base model for " + task.name() + " yet"
                            : "must be one of "
                                    + known.stream().map(BaseModel::name).collect(Collectors.joining(", "))));
        }
        return chosen.orElse(null);
    }

    /** The name in ASCII, with a number where it is taken. */
    private String freeSlug(UUID tenant, String name) {
        String ascii = Normalizer.normalize(name, Normalizer.Form.NFKD)
                .toLowerCase(Locale.ROOT)
                .replaceAll("\\p{M}", "")
                .replaceAll("[^a-z0-9]+", "-");
        String cut = ascii.substring(0, Math.min(ascii.length(), LONGEST_GENERATED_SLUG))
                .replaceAll("^-+|-+$", "");
        String stem = cut.isEmpty() ? "product" : cut;
        String slug = stem;
        for (int number = 2; products.existsByTenantIdAndSlug(tenant, slug); number++) {
            slug = stem + "-" + number;
        }
        return slug;
    }

    /** @throws ProblemException NOT_FOUND */
    @Transactional(readOnly = true)
    public Product require(UUID tenant, UUID id) {
        return products.findByTenantIdAndId(tenant, id).orElseThrow(Products::unknown);
    }

    @Transactional(readOnly = true)
    public Page<Product> list(UUID tenant, PageRequest page) {
        return page.of(
                products.findByTenantIdAndIdLessThanOrderByIdDesc(tenant, page.before(), Limit.of(page.limit() + 1)),
                Product::id,
                product -> product);
    }

    /** Deletes the product with its jobs, model versions and deployment; refused while a job of it runs. */
    @Transactional
    public void delete(UUID tenant, UUID id) {
        Product product = products.lockAgainstReferences(tenant, id).orElseThrow(Products::unknown);
        publisher.publishEvent(new ProductDeleted(tenant, id));
        products.delete(product);
        publisher.publishEvent(new RoutesChanged());
    }

    private static ProblemException unknown() {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no such product.");
    }
}
