# A residual network (He et al. 2016) of basic blocks or bottlenecks, as torchvision and timm have it: its loss and its step.
#
# batch:   pixels, float [b, 3, s, s]; share of the labels where two images are mixed, float [1]; the other labels, int64 [b];
#          class weights, float [c]; labels, int64 [b]
# tables:  none
# buffers: running mean and variance of each convolution's norm
# weights: the convolutions', [out, in, k, k]: the stem's, then block by block, that of a shortcut after the others of its block;
#          weight and bias of each norm; the head's weight; the head's bias


class ResidualNetwork(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  _is_full_backward_hook : Optional[bool]
  first : int
  second : int
  third : int
  fourth : int
  bottleneck : bool
  projects : bool
  head_only : bool
  layer_decay : float
  dropout : float
  label_smoothing : float
  momentum : float
  weight_decay : float
  max_gradient_norm : float
  mixed : bool
  mixes : bool

  def unit(self: __torch__.ResidualNetwork, x: Tensor, i: int, stride: int, active: bool, buffers: List[Tensor], weights: List[List[Tensor]], train: bool) -> Tensor:
    k = weights[0][i]
    if self.mixed:
      k = torch.to(k, 15)
    p = k.size(2) // 2
    n = weights[1]
    if p == 0 and stride > 1:
      # oneDNN's gradient of such a kernel is wrong where channels come last and are no multiple of eight, so that the stride
      # is taken before: as fast, and what it computes with is the same.
      x = torch.slice(torch.slice(x, 2, 0, None, stride), 3, 0, None, stride)
      stride = 1
    y = torch.conv2d(x, k, None, [stride, stride], [p, p])
    y = torch.batch_norm(y, n[2 * i], n[2 * i + 1], buffers[2 * i], buffers[2 * i + 1], train, 0.1, 1e-05, False)
    if active:
      y = torch.relu(y)
    return y

  def features(self: __torch__.ResidualNetwork, pixels: Tensor, buffers: List[Tensor], weights: List[List[Tensor]], train: bool) -> Tensor:
    # Channels last: the layout that convolutions are fastest in.
    x = torch.contiguous(pixels, memory_format=2)
    if self.mixed:
      x = torch.to(x, 15)
    x = self.unit(x, 0, 2, True, buffers, weights, train)
    x = torch.max_pool2d(x, [3, 3], [2, 2], [1, 1])
    blocks = [self.first, self.second, self.third, self.fourth]
    i = 1
    for stage in range(4):
      for block in range(blocks[stage]):
        begins = block == 0
        stride = 1
        if begins and stage > 0:
          stride = 2
        if self.bottleneck:
          y = self.unit(x, i, 1, True, buffers, weights, train)
          y = self.unit(y, i + 1, stride, True, buffers, weights, train)
          y = self.unit(y, i + 2, 1, False, buffers, weights, train)
          i = i + 3
        else:
          y = self.unit(x, i, stride, True, buffers, weights, train)
          y = self.unit(y, i + 1, 1, False, buffers, weights, train)
          i = i + 2
        shortcut = x
        if begins and (self.projects or stage > 0):
          shortcut = self.unit(x, i, stride, False, buffers, weights, train)
          i = i + 1
        x = torch.relu(y + shortcut)
    return torch.to(torch.mean(x, [2, 3]), 6)

  def factors(self: __torch__.ResidualNetwork) -> List[float]:
    # What each convolution's rate is multiplied by: lower ones learn more slowly.
    blocks = [self.first, self.second, self.third, self.fourth]
    result = [self.layer_decay ** 5.0]
    for stage in range(4):
      factor = self.layer_decay ** float(4 - stage)
      for block in range(blocks[stage]):
        units = 2
        if self.bottleneck:
          units = 3
        if block == 0 and (self.projects or stage > 0):
          units = units + 1
        for j in range(units):
          result.append(factor)
    return result

  def logits(self: __torch__.ResidualNetwork, batch: List[Tensor], tables: List[Tensor], buffers: List[Tensor], weights: List[List[Tensor]]) -> Tensor:
    return torch.linear(self.features(batch[0], buffers, weights, False), weights[2][0], weights[3][0])

  def loss(self: __torch__.ResidualNetwork, features: Tensor, batch: List[Tensor], weights: List[List[Tensor]]) -> Tensor:
    logits = torch.linear(__torch__.training.dropout(features, self.dropout), weights[2][0], weights[3][0])
    return __torch__.training.mixed_loss(logits, batch, self.label_smoothing, self.mixes)

  def step(self: __torch__.ResidualNetwork, batch: List[Tensor], tables: List[Tensor], state: List[Tensor], buffers: List[Tensor], weights: List[List[Tensor]], values: List[List[Tensor]], first: List[List[Tensor]], second: List[List[Tensor]], number: int, rate: float, head_rate: float) -> Tensor:
    if self.head_only:
      # The values are the weights without gradients: nothing of the body is recorded.
      loss = self.loss(self.features(batch[0], buffers, values, False), batch, weights)
      norm = __torch__.training.train_head(loss, weights, values, first, number, head_rate, self.weight_decay, self.momentum, self.max_gradient_norm)
    else:
      loss = self.loss(self.features(batch[0], buffers, weights, True), batch, weights)
      norm = __torch__.training.train_network(loss, weights, values, first, number, rate, self.factors(), head_rate, self.weight_decay, self.momentum, self.max_gradient_norm)
    return torch.stack([torch.detach(loss), norm])
