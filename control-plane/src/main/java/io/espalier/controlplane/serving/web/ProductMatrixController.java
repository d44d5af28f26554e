package io.espalier.controlplane.serving.web;

import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import io.espalier.controlplane.platform.TenantContext;
import io.espalier.controlplane.serving.ProductMatrix;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class ProductMatrixController {
    private final ProductMatrix matrix;

    ProductMatrixController(ProductMatrix matrix) {
        this.matrix = matrix;
    }

    @GetMapping("/api/matrix")
    Page<ProductMatrix.Line> listMatrix(PageRequest page) {
        return matrix.list(TenantContext.required(), page);
    }
}
