# A residual network of nine layers for small images (after "ResNet-9", Page 2018), its loss and its training step.
#
# batch:   pixels, float [b, 3, s, s]; share of the labels where two images are mixed, float [1]; the other labels, int64 [b];
#          class weights, float [c]; labels, int64 [b]
# tables:  none
# buffers: running mean and variance of each of the eight convolutions' norms
# weights: the convolutions', [out, in, 3, 3]; weight and bias of each norm; the head's weight; the head's bias


class CompactResidualNetwork(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  _is_full_backward_hook : Optional[bool]
  head_only : bool
  layer_decay : float
  dropout : float
  label_smoothing : float
  momentum : float
  weight_decay : float
  max_gradient_norm : float
  mixed : bool
  mixes : bool

  def unit(self: __torch__.CompactResidualNetwork, x: Tensor, i: int, buffers: List[Tensor], weights: List[List[Tensor]], train: bool) -> Tensor:
    if self.mixed:
      y = torch.conv2d(x, torch.to(weights[0][i], 15), None, [1, 1], [1, 1])
    else:
      y = torch.conv2d(x, weights[0][i], None, [1, 1], [1, 1])
    n = weights[1]
    return torch.relu(torch.batch_norm(y, n[2 * i], n[2 * i + 1], buffers[2 * i], buffers[2 * i + 1], train, 0.1, 1e-05, False))

  def pool(self: __torch__.CompactResidualNetwork, x: Tensor) -> Tensor:
    return torch.max_pool2d(x, [2, 2], [2, 2])

  def features(self: __torch__.CompactResidualNetwork, pixels: Tensor, buffers: List[Tensor], weights: List[List[Tensor]], train: bool) -> Tensor:
    # Channels last: the layout that convolutions are fastest in.
    x = torch.contiguous(pixels, memory_format=2)
    if self.mixed:
      x = torch.to(x, 15)
    x = self.unit(x, 0, buffers, weights, train)
    x = self.pool(self.unit(x, 1, buffers, weights, train))
    x = x + self.unit(self.unit(x, 2, buffers, weights, train), 3, buffers, weights, train)
    x = self.pool(self.unit(x, 4, buffers, weights, train))
    x = self.pool(self.unit(x, 5, buffers, weights, train))
    x = x + self.unit(self.unit(x, 6, buffers, weights, train), 7, buffers, weights, train)
    # The greatest values of channels are large: without a scale (as Page has it) the head's steps would be too.
    return torch.to(torch.amax(x, [2, 3]), 6) * 0.125

  def factors(self: __torch__.CompactResidualNetwork) -> List[float]:
    # What each convolution's rate is multiplied by: those before each pooling learn more slowly than those after it.
    result = annotate(List[float], [])
    for depth in [4, 3, 3, 3, 2, 1, 1, 1]:
      result.append(self.layer_decay ** float(depth))
    return result

  def logits(self: __torch__.CompactResidualNetwork, batch: List[Tensor], tables: List[Tensor], buffers: List[Tensor], weights: List[List[Tensor]]) -> Tensor:
    return torch.linear(self.features(batch[0], buffers, weights, False), weights[2][0], weights[3][0])

  def loss(self: __torch__.CompactResidualNetwork, features: Tensor, batch: List[Tensor], weights: List[List[Tensor]]) -> Tensor:
    logits = torch.linear(__torch__.training.dropout(features, self.dropout), weights[2][0], weights[3][0])
    return __torch__.training.mixed_loss(logits, batch, self.label_smoothing, self.mixes)

  def step(self: __torch__.CompactResidualNetwork, batch: List[Tensor], tables: List[Tensor], state: List[Tensor], buffers: List[Tensor], weights: List[List[Tensor]], values: List[List[Tensor]], first: List[List[Tensor]], second: List[List[Tensor]], number: int, rate: float, head_rate: float) -> Tensor:
    if self.head_only:
      # The values are the weights without gradients: nothing of the body is recorded.
      loss = self.loss(self.features(batch[0], buffers, values, False), batch, weights)
      norm = __torch__.training.train_head(loss, weights, values, first, number, head_rate, self.weight_decay, self.momentum, self.max_gradient_norm)
    else:
      loss = self.loss(self.features(batch[0], buffers, weights, True), batch, weights)
      norm = __torch__.training.train_network(loss, weights, values, first, number, rate, self.factors(), head_rate, self.weight_decay, self.momentum, self.max_gradient_norm)
    return torch.stack([torch.detach(loss), norm])
