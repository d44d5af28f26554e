# Recommenders that are linear algebra. Nothing here has gradients.


class Recommenders(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  _is_full_backward_hook : Optional[bool]

  def joined(self: __torch__.Recommenders, blocks: List[Tensor]) -> Tensor:
    # Blocks of rows, as one matrix.
    return torch.cat(blocks, 0)

  def ease(self: __torch__.Recommenders, gram: Tensor, dtype: int, l2: float, dropout: float, kept: int) -> Tensor:
    # EASE (Steck 2019): the weights B, float [n, n], that rebuild a user's row from its other items, from the Gram matrix of all
    # rows, float [n, n], computed in another dtype; l2 > 0. With dropout, 0 <= dropout < 1, from a row of which that share is left out, in expectation
    # over all ways to leave it out (Steck 2020). Returns of each item the `kept` largest in absolute value of its row of B, float [2, n, kept]:
    # the items, then their weights.
    g = torch.to(gram, dtype)
    penalty = torch.diagonal(g) * (dropout / (1.0 - dropout)) + l2
    p = torch.cholesky_inverse(torch.linalg_cholesky(g + torch.diag(penalty)))
    b = torch.div_(p, torch.neg(torch.clone(torch.diagonal(p))))
    b2 = torch.fill_diagonal_(b, 0.0)
    items = (torch.topk(torch.abs(b2), kept, 1))[1]
    weights = torch.gather(b2, 1, items)
    return torch.stack([torch.to(items, 6), torch.to(weights, 6)])

  def gram(self: __torch__.Recommenders, fixed: Tensor, l2: float) -> Tensor:
    return torch.mm(torch.t(fixed), fixed) + torch.eye(torch.size(fixed, 1), dtype=6) * l2

  def whitened(self: __torch__.Recommenders, factors: Tensor, l2: float) -> Tensor:
    # Factors, float [n, f], that give the same products with what is fitted to them, and whose Gram matrix with the penalty is the identity: with
    # the Cholesky factor L of that matrix, factors inv(Lᵀ).
    f = torch.to(factors, 7)
    gram = torch.mm(torch.t(f), f) + torch.eye(torch.size(f, 1), dtype=7) * l2
    turned = torch.linalg_solve_triangular(torch.t(torch.linalg_cholesky(gram)), f, upper=True, left=False)
    return torch.to(turned, 6)

  def als(self: __torch__.Recommenders, rows: Tensor, begin: int, fixed: Tensor, gram: Tensor, offsets: Tensor, columns: Tensor, confidence: float, steps: int) -> Tensor:
    # Half a pass of alternating least squares on implicit feedback (Hu, Koren and Volinsky 2008), by conjugate gradients from
    # where the rows are (Takács, Pilászy and Tikk 2011): of the rows, float [all, f], the m from `begin` on, so that they fit the fixed factors,
    # float [n, f], where an interaction counts 1 + confidence and all else 1. `gram` is of the fixed factors. The interactions are in compressed
    # rows: offsets, int32 [m + 1], and columns, int32, ascending in each row.
    size = [torch.size(offsets, 0) - 1, torch.size(fixed, 0)]
    nothing = torch.zeros([torch.size(columns, 0)], dtype=6)
    pattern = torch.sparse_csr_tensor(offsets, columns, nothing, size, dtype=6)
    transposed = torch.t(fixed)
    wanted = torch.mm(torch.sparse_csr_tensor(offsets, columns, nothing + (1.0 + confidence), size, dtype=6), fixed)
    x = torch.narrow(rows, 0, begin, size[0])
    r = wanted - self.applied(x, fixed, transposed, gram, pattern, offsets, columns, size, confidence)
    p = r
    rs = torch.sum(r * r, [1], True)
    for i in range(steps):
      ap = self.applied(p, fixed, transposed, gram, pattern, offsets, columns, size, confidence)
      a = rs / (torch.sum(p * ap, [1], True) + 1e-20)
      x = x + a * p
      r = r - a * ap
      next = torch.sum(r * r, [1], True)
      p = r + (next / (rs + 1e-20)) * p
      rs = next
    return x

  def applied(self: __torch__.Recommenders, p: Tensor, fixed: Tensor, transposed: Tensor, gram: Tensor, pattern: Tensor, offsets: Tensor, columns: Tensor, size: List[int], confidence: float) -> Tensor:
    products = torch.sparse_sampled_addmm(pattern, p, transposed)
    weighted = torch.sparse_csr_tensor(offsets, columns, torch.values(products) * confidence, size, dtype=6)
    return torch.mm(p, gram) + torch.mm(weighted, fixed)

  def principal(self: __torch__.Recommenders, x: Tensor, width: int) -> Tensor:
    # The directions in which rows, float [m, d], differ most, width <= d of them: float [d + 1, width], the first row what is added to a
    # projection so that the mean of all rows is zero.
    mean = torch.mean(x, [0], True)
    centred = x - mean
    vectors = (torch.linalg_eigh(torch.mm(torch.t(centred), centred)))[1]
    d = torch.size(x, 1)
    kept = torch.slice(vectors, 1, d - width, d)
    return torch.cat([torch.neg(torch.mm(mean, kept)), kept], 0)

  def projected(self: __torch__.Recommenders, x: Tensor, directions: Tensor) -> Tensor:
    # Rows, float [m, d], along the directions that principal found: float [m, width].
    rows = torch.size(directions, 0)
    return torch.mm(x, torch.slice(directions, 0, 1, rows)) + torch.slice(directions, 0, 0, 1)

  def nearest(self: __torch__.Recommenders, x: Tensor, others: Tensor, kept: int) -> Tensor:
    # Of each row, float [m, d], the nearest of the others, float [n, d], kept <= n: float [2, m, kept], which, then the squares of their distances.
    products = torch.mm(x, torch.t(others))
    distances = torch.sum(x * x, [1], True) + torch.t(torch.sum(others * others, [1], True)) - products * 2.0
    near = torch.topk(torch.neg(distances), kept, 1)
    return torch.stack([torch.to(near[1], 6), torch.neg(near[0])])
