"""rf_diffusion: a complex-valued diffusion transformer for Wi-Fi CSI.

After RF-Diffusion (MobiCom 2024), in the form that SynCheck (MobiSys 2025) made its synthetic Wi-Fi data
with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from assay.errors import UserError

Positive = Annotated[int, Gt(0), Le(1_000_000)]
Share = Annotated[float, Ge(0), Lt(1)]
RELEASED_DROPOUT = 0.5


@dataclass(frozen=True)
class RfDiffusionSettings:
    """Settings; the defaults are the published size (19 million parameters).

    On a CPU take a smaller one: `blocks=4` trains about eight times as fast.

    Parameters
    ----------
    hidden, heads, blocks : int
        Complex numbers of a vector, attention heads (a divisor of `hidden`), transformer blocks.
    steps : int
        Diffusion steps T.
    packets : int
        Items are resampled to this many packets to learn, and back when made.
    epochs, batch, learning_rate, weight_decay
        Of AdamW; an epoch is a pass over the items.
    schedule : {"cosine", "constant"}
        Learning rate over epochs, in the corrected protocol.
    protocol : {"corrected", "released"}
        "corrected": noise that preserves variance and ends in pure noise, a fresh step and fresh noise for
        every item, conditions as indicators. "released": the published code's behaviour: amplitudes of noise
        added up, step and noise the same from the second batch of an epoch on, learning rate × 0.9 every 100
        batches, half of the attention weights dropped, conditions as the raw numbers.
    sampling : {"noise", "native", "fast", "robust"}
        "noise": step by step from noise, with nothing but a condition. "native": one prediction from a
        degraded real item, hence a near-copy with the published noise. "fast": one prediction from noise.
        "robust": step by step from noise, exchanging one degradation for the next.
    sampling_steps : int, optional
        How many of the steps "noise" visits; all by default.
    conditional : bool
        Whether the network sees the condition.
    attention_dropout : float
        Share of attention weights dropped in training; 0.5 in the released protocol whatever is set here.
    condition_dropout : float
        Share of items that learn with a column of the condition hidden, so that a value never seen in
        training can be left open (corrected protocol).
    unlabelled : bool
        Whether `fit` learns from the task's unlabelled items too, with their class hidden (corrected
        protocol).
    precision : {"auto", "fp32", "bf16"}
        "auto" takes bf16 where the processor multiplies it natively.
    threads : int
        On a CPU. Sums depend on it in the last bit.

    Raises
    ------
    UserError
        If `heads` does not divide `hidden`, or the released protocol is asked for what it has not.
    """

    hidden: Positive = 128
    heads: Positive = 8
    blocks: Positive = 32
    steps: Positive = 100
    packets: Positive = 512
    epochs: Positive = 100
    batch: Positive = 4
    learning_rate: Annotated[float, Gt(0)] = 1e-3
    weight_decay: Annotated[float, Ge(0)] = 0.01
    schedule: Literal["cosine", "constant"] = "cosine"
    protocol: Literal["corrected", "released"] = "corrected"
    sampling: Literal["noise", "native", "fast", "robust"] = "noise"
    sampling_steps: Positive | None = None
    conditional: bool = True
    attention_dropout: Share = 0.0
    condition_dropout: Share = 0.1
    unlabelled: bool = False
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    threads: Positive = 1

    def __post_init__(self) -> None:
        if self.hidden % self.heads:
            raise UserError(f"rf_diffusion: heads={self.heads}: expected a divisor of hidden={self.hidden}")
        if self.released and self.sampling == "noise":
            raise UserError(
                "rf_diffusion: protocol=released: its last step is not pure noise, so sampling=noise cannot "
                "start there; take sampling=native, fast or robust"
            )
        if self.released and self.unlabelled:
            raise UserError(
                "rf_diffusion: protocol=released learns from labelled items only: unlabelled=false"
            )

    @property
    def released(self) -> bool:
        """Whether the protocol is the released one."""
        return self.protocol == "released"

    @property
    def dropout(self) -> float:
        """Share of attention weights that training drops."""
        return RELEASED_DROPOUT if self.released else self.attention_dropout
