# Two hidden layers over numbers and embedded categories, their loss and their training step.
#
# batch:   numbers, float [b, n]; categories, int64 [b, k]; class weights, float [c]; labels, int64 [b]
# tables:  none
# buffers: none
# weights: the weight of each category's embedding, then of the hidden layers, each [out, in]; the biases of the hidden layers;
#          the head's weight; the head's bias


class TabularClassifier(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  _is_full_backward_hook : Optional[bool]
  dropout : float
  label_smoothing : float
  l1 : float
  l2 : float
  max_gradient_norm : float

  def network(self: __torch__.TabularClassifier, batch: List[Tensor], weights: List[List[Tensor]], p: float) -> Tensor:
    m = weights[0]
    embedded = len(m) - 2
    columns = [torch.clone(batch[0])]
    for i in range(embedded):
      columns.append(torch.embedding(m[i], torch.select(batch[1], 1, i)))
    x = torch.cat(columns, 1)
    for i in range(2):
      x = __torch__.training.dropout(torch.relu(torch.linear(x, m[embedded + i], weights[1][i])), p)
    return torch.linear(x, weights[2][0], weights[3][0])

  def logits(self: __torch__.TabularClassifier, batch: List[Tensor], tables: List[Tensor], buffers: List[Tensor], weights: List[List[Tensor]]) -> Tensor:
    return self.network(batch, weights, 0.0)

  def step(self: __torch__.TabularClassifier, batch: List[Tensor], tables: List[Tensor], state: List[Tensor], buffers: List[Tensor], weights: List[List[Tensor]], values: List[List[Tensor]], first: List[List[Tensor]], second: List[List[Tensor]], number: int, rate: float, head_rate: float) -> Tensor:
    logits = self.network(batch, weights, self.dropout)
    loss = torch.cross_entropy_loss(logits, batch[3], batch[2], label_smoothing=self.label_smoothing)
    penalized = loss
    if self.l1 > 0.0:
      m = weights[0]
      penalized = loss + (torch.sum(torch.abs(m[len(m) - 2])) + torch.sum(torch.abs(m[len(m) - 1]))) * self.l1
    gradients = __torch__.training.gradients(penalized, __torch__.training.flattened(weights))
    norm = __torch__.training.norm(gradients)
    divisor = __torch__.training.divisor(norm, self.max_gradient_norm)
    updated = __torch__.training.update(gradients, values, first, second, number, [rate, rate, head_rate, head_rate], [self.l2, 0.0, self.l2, 0.0], divisor)
    return torch.stack([torch.detach(penalized), norm])
