# AdamW on a table twice: by the rows that a step has gradients for, and on the whole.
#
# batch:   rows, int64 [u]; their gradients, float [u, d]
# tables:  the table that is updated by row
# weights: the table that is updated on the whole


class RowUpdates(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  _is_full_backward_hook : Optional[bool]
  decay : float

  def step(self: __torch__.RowUpdates, batch: List[Tensor], tables: List[Tensor], state: List[Tensor], buffers: List[Tensor], weights: List[List[Tensor]], values: List[List[Tensor]], first: List[List[Tensor]], second: List[List[Tensor]], number: int, rate: float, head_rate: float) -> Tensor:
    divisor = torch.full([], 1.0, dtype=6, device=batch[1].device)
    current = __torch__.training.caught_up(tables[0], state, batch[0], number - 1, rate, self.decay)
    written = __torch__.training.update_rows(tables[0], state, batch[0], current, batch[1], number, rate, self.decay, divisor)
    dense = torch.index_copy(torch.zeros_like(values[0][0]), 0, batch[0], batch[1])
    updated = __torch__.training.update([dense], values, first, second, number, [rate, rate, rate, rate], [self.decay, 0.0, 0.0, 0.0], divisor)
    return torch.zeros([2])

  def settle(self: __torch__.RowUpdates, tables: List[Tensor], state: List[Tensor], number: int, rate: float) -> Tensor:
    return __torch__.training.settled(tables[0], state, number, rate, self.decay)
