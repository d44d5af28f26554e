package io.espalier.controlplane.catalog.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.espalier.controlplane.catalog.Product;
import io.espalier.controlplane.catalog.Products;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import io.espalier.controlplane.platform.Printable;
import io.espalier.controlplane.platform.TenantContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/products")
class ProductController {
    private final Products products;

    ProductController(Products products) {
        this.products = products;
    }

    /**
     * @param slug made of the name where absent
     * @param baseModel the task's default where absent
     */
    record CreateProductRequest(
            @NotBlank @Size(max = 200) @Printable String name,
            @Nullable String slug,
            @NotNull String task,
            @Nullable String baseModel) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ProductResponse(
            UUID id,
            String name,
            String slug,
            String task,
            @Nullable String baseModel,
            Instant createdAt) {
        static ProductResponse of(Product product) {
            return new ProductResponse(
                    product.id(),
                    product.name(),
                    product.slug(),
                    product.task(),
                    product.baseModel(),
                    product.createdAt());
        }
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    ResponseEntity<ProductResponse> createProduct(@Valid @RequestBody CreateProductRequest request) {
        Product made = products.create(
                TenantContext.required(), request.name(), request.slug(), request.task(), request.baseModel());
        return ResponseEntity.created(URI.create("/api/products/" + made.id())).body(ProductResponse.of(made));
    }

    @GetMapping
    Page<ProductResponse> listProducts(PageRequest page) {
        Page<Product> found = products.list(TenantContext.required(), page);
        return new Page<>(found.items().stream().map(ProductResponse::of).toList(), found.nextCursor());
    }

    @GetMapping("/{id}")
    ProductResponse getProduct(@PathVariable UUID id) {
        return ProductResponse.of(products.require(TenantContext.required(), id));
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void deleteProduct(@PathVariable UUID id) {
        products.delete(TenantContext.required(), id);
    }
}
