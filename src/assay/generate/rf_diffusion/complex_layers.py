"""Complex-valued layers in real arithmetic.

A complex vector of F numbers is kept as 2F real ones, [real parts | imaginary parts] along the last axis.
Then a complex linear map is one real matrix product, and attention between complex vectors is real attention
between vectors of twice the length: real parts of products are inner products with the conjugate k*,
imaginary parts those with i·k*.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

EPSILON = 1e-6


class ComplexLinear(nn.Module):
    """y = (L_r + i L_i) x: out_r = L_r x_r − L_i x_i, out_i = L_r x_i + L_i x_r, each L with its own bias.

    Parameters
    ----------
    inputs, outputs : int
        Complex numbers.

    Attributes
    ----------
    weight : Tensor, shape (2, outputs, inputs)
        L_r, L_i.
    bias : Tensor, shape (2, outputs)
        b_r, b_i, which add up to (b_r − b_i) + i (b_r + b_i).
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2, outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(2, outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(…, 2 × inputs) to (…, 2 × outputs)."""
        return F.linear(x, torch.cat(self.rows()), torch.cat(self.offsets()))

    def rows(self) -> tuple[Tensor, Tensor]:
        """Real matrices that give the real and the imaginary part, (outputs, 2 × inputs) each."""
        real, imaginary = self.weight
        return torch.cat([real, -imaginary], 1), torch.cat([imaginary, real], 1)

    def offsets(self) -> tuple[Tensor, Tensor]:
        """Real and imaginary part of the bias, (outputs,) each."""
        real, imaginary = self.bias
        return real - imaginary, real + imaginary


class ComplexAttention(nn.Module):
    """Self-attention of complex vectors.

    S = q kᵀ/√d (complex, no conjugate); weights softmax(Re S) + i softmax(Im S); output weights · v.
    As Re(q k) = ⟨q, k*⟩ and Im(q k) = ⟨q, i k*⟩ of the real vectors, the output is the sum of two real
    attentions, softmax⟨q, k*⟩ v + softmax⟨q, i k*⟩ (i v).

    Parameters
    ----------
    width, heads : int
        Complex numbers of a vector, and how many heads share them.
    dropout : float
        In training, the share of pairs (query, key) whose weight, real and imaginary, is zero; one mask for
        all items and heads.
    generator : torch.Generator
        Draws the masks.
    """

    def __init__(self, width: int, heads: int, dropout: float, generator: Generator) -> None:
        super().__init__()
        self.query, self.key = ComplexLinear(width, width), ComplexLinear(width, width)
        self.value, self.output = ComplexLinear(width, width), ComplexLinear(width, width)
        self.heads, self.dropout, self.generator = heads, dropout, generator

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, 2 × width) to the same shape."""
        projected = F.linear(x, self._projection(ComplexLinear.rows), self._projection(ComplexLinear.offsets))
        parts = torch.unflatten(projected, -1, (5, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = self._mixed(parts).transpose(1, 2).flatten(-2)
        rows = torch.unflatten(torch.cat(self.output.rows()), 1, (2, self.heads, -1))
        return F.linear(mixed, rows.transpose(1, 2).flatten(1), torch.cat(self.output.offsets()))

    def _projection(self, of: Callable[[ComplexLinear], tuple[Tensor, Tensor]]) -> Tensor:
        """Rows (or offsets) of one product: q, k*, i k*, v, i v, each ordered (head, part, number)."""
        (q_r, q_i), (k_r, k_i), (v_r, v_i) = of(self.query), of(self.key), of(self.value)
        pairs = ((q_r, q_i), (k_r, -k_i), (k_i, k_r), (v_r, v_i), (-v_i, v_r))
        stacked = torch.stack([torch.stack(pair) for pair in pairs])
        return torch.unflatten(stacked, 2, (self.heads, -1)).transpose(1, 2).flatten(0, 3)

    def _mixed(self, parts: Tensor) -> Tensor:
        """(q, k*, i k*, v, i v), each (batch, heads, length, 2d), to one of that shape."""
        if self.training and self.dropout > 0:
            return self._masked_attention(*parts.unbind())
        if parts.is_cuda or not torch.is_grad_enabled():
            return _attention(*parts.unbind())
        with torch.autocast("cpu", enabled=False):  # on a CPU the way back is faster in fp32
            wide = parts.to(torch.promote_types(parts.dtype, torch.float32))
            return _attention(*wide.contiguous().unbind()).to(parts.dtype)

    def _masked_attention(self, q: Tensor, k: Tensor, ik: Tensor, v: Tensor, iv: Tensor) -> Tensor:
        scores = (_scale(q) * q) @ torch.cat([k, ik], 2).transpose(-1, -2)
        weights = torch.unflatten(scores, -1, (2, -1)).softmax(-1)
        weights = weights * self._mask(q.shape[2], weights).unsqueeze(1)
        return weights.flatten(-2) @ torch.cat([v, iv], 2)

    def _mask(self, length: int, like: Tensor) -> Tensor:
        """(length, length): 1/(1 − p) with probability 1 − p, else 0."""
        kept = torch.empty(length, length, device=like.device)
        kept.bernoulli_(1 - self.dropout, generator=self.generator)
        return (kept / (1 - self.dropout)).to(like.dtype)


def _attention(q: Tensor, k: Tensor, ik: Tensor, v: Tensor, iv: Tensor) -> Tensor:
    real = F.scaled_dot_product_attention(q, k, v, scale=_scale(q))
    return real + F.scaled_dot_product_attention(q, ik, iv, scale=_scale(q))


def _scale(q: Tensor) -> float:
    """1/√d for vectors of d complex numbers."""
    return float((q.shape[-1] / 2) ** -0.5)


def normalised(x: Tensor) -> Tensor:
    """Layer norm of real and imaginary parts, each by itself, without learnt scale: (…, 2F) to the same."""
    parts = torch.unflatten(x, -1, (2, -1))
    return F.layer_norm(parts, parts.shape[-1:], eps=EPSILON).flatten(-2)


def modulations(x: Tensor, count: int) -> tuple[Tensor, ...]:
    """(batch, 2 × count × F), parts first, to `count` tensors (batch, 1, 2F)."""
    parts = torch.unflatten(x, -1, (2, count, -1)).transpose(1, 2).flatten(-2)
    return parts.unsqueeze(2).unbind(1)


def modulated(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """LN(x)·(1 + scale) + shift, on real and imaginary parts each by itself (no complex product)."""
    return torch.addcmul(shift, normalised(x), 1 + scale)
