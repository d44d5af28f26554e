# A BERT encoder (Devlin et al. 2019) with pooling and a linear classifier, its loss and its training step.
#
# batch:   rows, int64 [u]: the different token ids of the batch; tokens, int64 [b, l]: indices into rows; mask, float [b, l];
#          class weights, float [c]; labels, int64 [b]
# tables:  word embeddings [v, d]
# buffers: none
# weights: the encoder's matrices: positions, token types, then for each layer query, key, value, attention output,
#          intermediate, output, each [out, in];
#          the encoder's vectors: norm weight and bias, then for each layer the biases of query, key, value and attention
#          output, norm weight and bias, the biases of intermediate and output, norm weight and bias;
#          the head's weight; the head's bias


class BertClassifier(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  _is_full_backward_hook : Optional[bool]
  layers : int
  heads : int
  first_token : bool
  epsilon : float
  dropout : float
  label_smoothing : float
  weight_decay : float
  max_gradient_norm : float
  mixed : bool

  def linear(self: __torch__.BertClassifier, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    if self.mixed:
      y = torch.linear(x, torch.to(w, 15), torch.to(b, 15))
    else:
      y = torch.linear(x, w, b)
    return y

  def norm(self: __torch__.BertClassifier, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    if self.mixed:
      y = torch.layer_norm(x, [x.size(-1)], torch.to(w, 15), torch.to(b, 15), self.epsilon)
    else:
      y = torch.layer_norm(x, [x.size(-1)], w, b, self.epsilon)
    return y

  def attention(self: __torch__.BertClassifier, q: Tensor, k: Tensor, v: Tensor, bias: Tensor, p: float) -> Tensor:
    if p == 0.0:
      context = torch.scaled_dot_product_attention(torch.to(q, 6), torch.to(k, 6), torch.to(v, 6), bias)
    else:
      scores = torch.to(torch.matmul(q * float(q.size(-1)) ** -0.5, torch.transpose(k, 2, 3)), 6) + bias
      context = torch.matmul(torch.to(__torch__.training.dropout(torch.softmax(scores, -1), p), v.dtype), v)
    return context

  def encode(self: __torch__.BertClassifier, words: Tensor, mask: Tensor, weights: List[List[Tensor]], p: float) -> Tensor:
    m = weights[0]
    n = weights[1]
    b = words.size(0)
    l = words.size(1)
    d = words.size(2)
    bias = torch.reshape((mask - 1.0) * 10000.0, [b, 1, 1, l])
    x = words + torch.slice(m[0], 0, 0, l) + m[1][0]
    x = __torch__.training.dropout(torch.layer_norm(x, [d], n[0], n[1], self.epsilon), p)
    if self.mixed:
      x = torch.to(x, 15)
    split = [b, l, self.heads, d // self.heads]
    for i in range(self.layers):
      j = 2 + 6 * i
      o = 2 + 10 * i
      q = torch.transpose(torch.reshape(self.linear(x, m[j], n[o]), split), 1, 2)
      k = torch.transpose(torch.reshape(self.linear(x, m[j + 1], n[o + 1]), split), 1, 2)
      v = torch.transpose(torch.reshape(self.linear(x, m[j + 2], n[o + 2]), split), 1, 2)
      c = torch.to(torch.reshape(torch.transpose(self.attention(q, k, v, bias, p), 1, 2), [b, l, d]), x.dtype)
      c = __torch__.training.dropout(self.linear(c, m[j + 3], n[o + 3]), p)
      x = self.norm(x + c, n[o + 4], n[o + 5])
      h = self.linear(torch.gelu(self.linear(x, m[j + 4], n[o + 6])), m[j + 5], n[o + 7])
      x = self.norm(x + __torch__.training.dropout(h, p), n[o + 8], n[o + 9])
    x = torch.to(x, 6)
    if self.first_token:
      pooled = torch.select(x, 1, 0)
    else:
      shown = torch.unsqueeze(mask, 2)
      pooled = torch.sum(x * shown, [1]) / torch.sum(shown, [1])
    return torch.linear(__torch__.training.dropout(pooled, p), weights[2][0], weights[3][0])

  def logits(self: __torch__.BertClassifier, batch: List[Tensor], tables: List[Tensor], buffers: List[Tensor], weights: List[List[Tensor]]) -> Tensor:
    rows = torch.index_select(tables[0], 0, batch[0])
    return self.encode(torch.embedding(rows, batch[1]), batch[2], weights, 0.0)

  def step(self: __torch__.BertClassifier, batch: List[Tensor], tables: List[Tensor], state: List[Tensor], buffers: List[Tensor], weights: List[List[Tensor]], values: List[List[Tensor]], first: List[List[Tensor]], second: List[List[Tensor]], number: int, rate: float, head_rate: float) -> Tensor:
    current = __torch__.training.caught_up(tables[0], state, batch[0], number - 1, rate, self.weight_decay)
    rows = torch.requires_grad_(current[0])
    logits = self.encode(torch.embedding(rows, batch[1]), batch[2], weights, self.dropout)
    loss = torch.cross_entropy_loss(logits, batch[4], batch[3], label_smoothing=self.label_smoothing)
    of = __torch__.training.flattened(weights)
    of.append(rows)
    gradients = __torch__.training.gradients(loss, of)
    norm = __torch__.training.norm(gradients)
    divisor = __torch__.training.divisor(norm, self.max_gradient_norm)
    last = __torch__.training.update(gradients, values, first, second, number, [rate, rate, head_rate, head_rate], [self.weight_decay, 0.0, self.weight_decay, 0.0], divisor)
    written = __torch__.training.update_rows(tables[0], state, batch[0], current, gradients[last], number, rate, self.weight_decay, divisor)
    return torch.stack([torch.detach(loss), norm])

  def settle(self: __torch__.BertClassifier, tables: List[Tensor], state: List[Tensor], number: int, rate: float) -> Tensor:
    return __torch__.training.settled(tables[0], state, number, rate, self.weight_decay)
