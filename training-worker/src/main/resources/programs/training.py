# What all programs share: dropout, gradient clipping, AdamW, gradient descent. TorchScript; every number is 32-bit unless said otherwise.
# An in-place write to a list that a function builds by itself is removed by the compiler as dead code, without a word: all
# tensors written to come in as arguments.


def dropout(x: Tensor, p: float) -> Tensor:
  # As torch.dropout, whose Bernoulli draws take a tenth of a step: four decisions come out of each 64-bit random word, so p
  # is rounded to a multiple of 2^-16.
  dropped = int(round(p * 65536.0))
  if dropped == 0:
    y = x
  else:
    words = torch.empty([(x.numel() + 3) // 4], dtype=4, device=x.device)
    lanes = torch.view_copy(torch.random_(words, -9223372036854775807 - 1, None), dtype=2)
    kept = torch.ge(torch.reshape(torch.slice(lanes, 0, 0, x.numel()), x.shape), dropped - 32768)
    y = x * torch.mul(torch.to(kept, x.dtype), 65536.0 / float(65536 - dropped))
  return y


def gradients(loss: Tensor, of: List[Tensor]) -> List[Tensor]:
  found = torch.autograd.grad([loss], of)
  result = annotate(List[Tensor], [])
  for i in range(len(found)):
    # The fused optimizers walk through memory without a look at strides, which of a convolution's gradient are not its weight's.
    result.append(torch.contiguous(unchecked_cast(Tensor, found[i])))
  return result


def flattened(groups: List[List[Tensor]]) -> List[Tensor]:
  result = annotate(List[Tensor], [])
  for i in range(len(groups)):
    for j in range(len(groups[i])):
      result.append(groups[i][j])
  return result


def update(gradients: List[Tensor], values: List[List[Tensor]], first: List[List[Tensor]], second: List[List[Tensor]], number: int, rates: List[float], decays: List[float], divisor: Tensor) -> int:
  # AdamW (Loshchilov and Hutter 2019), a call a group; gradients are in the order of the groups. Returns how many there were.
  count = torch.full([], float(number), dtype=6, device=divisor.device)
  unused = annotate(List[Tensor], [])
  done = 0
  for i in range(len(values)):
    group = annotate(List[Tensor], [])
    counts = annotate(List[Tensor], [])
    for j in range(len(values[i])):
      group.append(gradients[done + j])
      counts.append(count)
    if len(group) > 0:
      torch._fused_adamw_(values[i], group, first[i], second[i], unused, counts, lr=rates[i], beta1=0.9, beta2=0.999, weight_decay=decays[i], eps=1e-08, amsgrad=False, maximize=False, grad_scale=divisor)
    done = done + len(values[i])
  return done


def descend(gradients: List[Tensor], values: List[List[Tensor]], moments: List[List[Tensor]], number: int, rate: float, decays: List[float], momentum: float, divisor: Tensor) -> int:
  # Gradient descent with Nesterov momentum (Sutskever et al. 2013), a call a group; gradients are in the order of the groups.
  # Returns how many there were.
  unused = annotate(List[Tensor], [])
  done = 0
  for i in range(len(values)):
    group = annotate(List[Tensor], [])
    for j in range(len(values[i])):
      group.append(gradients[done + j])
    if len(group) > 0:
      if momentum == 0.0:
        torch._fused_sgd_(values[i], group, unused, weight_decay=decays[i], momentum=0.0, lr=rate, dampening=0.0, nesterov=False, maximize=False, is_first_step=True, grad_scale=divisor)
      else:
        torch._fused_sgd_(values[i], group, moments[i], weight_decay=decays[i], momentum=momentum, lr=rate, dampening=0.0, nesterov=True, maximize=False, is_first_step=number == 1, grad_scale=divisor)
    done = done + len(values[i])
  return done


def scaled(gradients: List[Tensor], values: List[Tensor], factors: List[float], decay: float, divisor: Tensor) -> List[Tensor]:
  # Gradients of convolutions, and of weight and bias of their norms: each times its convolution's factor. A lower rate, which
  # this stands for, takes less of the decay too: that of the convolutions is added before, and not left to the optimizer.
  layers = len(factors)
  result = annotate(List[Tensor], [])
  for j in range(3 * layers):
    if j < layers:
      result.append(torch.addcmul(gradients[j], values[j], divisor, value=decay) * factors[j])
    else:
      result.append(gradients[j] * factors[(j - layers) // 2])
  return result


def mixed_loss(logits: Tensor, batch: List[Tensor], label_smoothing: float, mixes: bool) -> Tensor:
  # Of a batch of images: pixels, the share of the labels where two images are mixed, the other labels, class weights, labels.
  loss = torch.cross_entropy_loss(logits, batch[4], batch[3], label_smoothing=label_smoothing)
  if mixes:
    other = torch.cross_entropy_loss(logits, batch[2], batch[3], label_smoothing=label_smoothing)
    loss = torch.sum(loss * batch[1] + other * torch.rsub(batch[1], 1))
  return loss


def norm(gradients: List[Tensor]) -> Tensor:
  return torch.norm(torch.stack(torch._foreach_norm(gradients, 2)))


def divisor(norm: Tensor, maximum: float) -> Tensor:
  # What gradients are divided by so that their global norm is at most the maximum.
  return torch.clamp_min((norm + 1e-06) / maximum, 1.0)


def train_head(loss: Tensor, weights: List[List[Tensor]], values: List[List[Tensor]], moments: List[List[Tensor]], number: int, rate: float, weight_decay: float, momentum: float, maximum: float) -> Tensor:
  # A step of a convolutional network's head alone. Returns the gradients' norm.
  gradients = __torch__.training.gradients(loss, [weights[2][0], weights[3][0]])
  norm = __torch__.training.norm(gradients)
  divisor = __torch__.training.divisor(norm, maximum)
  updated = __torch__.training.descend(gradients, [values[2], values[3]], [moments[2], moments[3]], number, rate, [weight_decay, 0.0], momentum, divisor)
  return norm


def train_network(loss: Tensor, weights: List[List[Tensor]], values: List[List[Tensor]], moments: List[List[Tensor]], number: int, rate: float, factors: List[float], head_rate: float, weight_decay: float, momentum: float, maximum: float) -> Tensor:
  # A step of a convolutional network. Returns the gradients' norm.
  gradients = __torch__.training.gradients(loss, __torch__.training.flattened(weights))
  norm = __torch__.training.norm(gradients)
  divisor = __torch__.training.divisor(norm, maximum)
  body = __torch__.training.scaled(gradients, values[0], factors, weight_decay, divisor)
  updated = __torch__.training.descend(body, [values[0], values[1]], [moments[0], moments[1]], number, rate, [0.0, 0.0], momentum, divisor)
  head = [gradients[len(body)], gradients[len(body) + 1]]
  updated = __torch__.training.descend(head, [values[2], values[3]], [moments[2], moments[3]], number, head_rate, [weight_decay, 0.0], momentum, divisor)
  return norm


# A table's rows are updated when a batch needs them. The steps that a row has missed had no gradient for it, but AdamW would
# still have moved it along its decaying momentum and shrunk it; before a row is read this is caught up in closed form. It is
# what AdamW on the whole table would have done, but for two things that the closed form holds fixed: the rate of the missed
# steps, which is taken to be that of the step which reads the row, and the bias corrections, which are taken to be those of
# the last step that the row has seen, which makes moves missed within a training's first ten steps up to twice too long and
# later ones a few percent too short. The state is first moments, second moments, and the number of the last step that each
# row has seen.


def caught_up(table: Tensor, state: List[Tensor], rows: Tensor, number: int, rate: float, decay: float) -> List[Tensor]:
  # Values, first and second moments of these rows as they are after step `number`.
  seen = torch.unsqueeze(torch.index_select(state[2], 0, rows), 1)
  missed = torch.rsub(seen, number)
  age = torch.clamp_min(seen, 1)
  values = torch.index_select(table, 0, rows)
  first = torch.index_select(state[0], 0, rows)
  second = torch.index_select(state[1], 0, rows)
  # A missed step shrinks a row to `shrink` of itself and moves it by `ratio` of the move before: the momentum's decay to that
  # of the root of the second moment. A move is shrunk by the steps after it, so the moves are a geometric series.
  shrink = 1.0 - rate * decay
  ratio = 0.9 / torch.sqrt(0.999)
  shrunk = torch.pow(shrink, missed)
  series = (shrunk - torch.pow(ratio, missed)) * (ratio / (shrink - ratio))
  direction = (first / torch.rsub(torch.pow(0.9, age), 1)) / (torch.sqrt(second / torch.rsub(torch.pow(0.999, age), 1)) + 1e-08)
  moved = values * shrunk - direction * (series * rate)
  return [moved, first * torch.pow(0.9, missed), second * torch.pow(0.999, missed)]


def write_rows(table: Tensor, state: List[Tensor], rows: Tensor, number: int, current: List[Tensor]) -> Tensor:
  torch.index_copy_(state[0], 0, rows, current[1])
  torch.index_copy_(state[1], 0, rows, current[2])
  torch.index_fill_(state[2], 0, rows, number)
  return torch.index_copy_(table, 0, rows, current[0])


def update_rows(table: Tensor, state: List[Tensor], rows: Tensor, current: List[Tensor], gradient: Tensor, number: int, rate: float, decay: float, divisor: Tensor) -> Tensor:
  # One step of AdamW for these rows; `current` is what caught_up gave for the step before.
  g = gradient / divisor
  first = current[1] * 0.9 + g * 0.1
  second = current[2] * 0.999 + (g * g) * 0.001
  age = float(number)
  direction = (first / (1.0 - 0.9 ** age)) / (torch.sqrt(second / (1.0 - 0.999 ** age)) + 1e-08)
  return __torch__.training.write_rows(table, state, rows, number, [torch.detach(current[0]) * (1.0 - rate * decay) - direction * rate, first, second])


def settled(table: Tensor, state: List[Tensor], number: int, rate: float, decay: float) -> Tensor:
  # Brings every row up to date.
  rows = torch.arange(table.size(0), device=table.device)
  return __torch__.training.write_rows(table, state, rows, number, __torch__.training.caught_up(table, state, rows, number, rate, decay))
