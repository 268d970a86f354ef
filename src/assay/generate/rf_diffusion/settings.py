"""rf_diffusion: diffusion for Wi-Fi CSI, in the published form and in one that a laptop can train.

After RF-Diffusion (MobiCom 2024), in the form that SynCheck (MobiSys 2025) made its synthetic Wi-Fi data
with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt, MultipleOf

from assay.errors import UserError

Positive = Annotated[int, Gt(0), Le(1_000_000)]
Share = Annotated[float, Ge(0), Lt(1)]
RELEASED_DROPOUT = 0.5
"""Share of attention weights that released training drops, whatever is asked for, as published."""
LEVELS = (0.02, 80.0)
"""The least and the greatest noise of the corrected process, in deviations of an item."""
PUBLISHED = "hidden=128,heads=8,blocks=32,packets=512,epochs=100,batch=4,learning_rate=1e-3"
"""The published size, 19 million parameters, as options."""


@dataclass(frozen=True)
class RfDiffusionSettings:
    """Settings; the defaults train in minutes on a laptop (the published size: `PUBLISHED`).

    Parameters
    ----------
    hidden, heads, blocks : int
        Corrected: channels of the first convolutions, attention heads, residual blocks before each halving.
        Released: complex numbers of a vector, attention heads, transformer blocks. `heads` divides `hidden`.
    steps : int
        Diffusion steps T; corrected: levels of noise.
    packets : int
        Items are resampled to this many packets to learn, and back when made.
    components, patch, whitening : int, int, float
        Corrected alone. Principal components over antennas and subcarriers that are learnt, packets a token,
        and how far groups are made alike, from 0 (not at all) to 1 (see `space.Space`).
    profile : int
        Corrected alone. Numbers of the second condition, the profile of one to three real items of the class
        and group (see `profiles`); 0: none, and the condition is the class and the group's numbers.
    epochs, batch, learning_rate, weight_decay
        Of AdamW; an epoch is a pass over the items.
    schedule : {"cosine", "constant"}
        Learning rate over epochs, in the corrected protocol.
    average : float
        Of the corrected protocol: weights are averaged over steps, a share 1 - `average` of each new (0: the
        last weights). The first steps count less.
    protocol : {"corrected", "released"}
        "corrected": what moves is learnt, in a space of fewer numbers that is alike for all groups, apart
        from the static channel and the group's covariance, which are estimated from real items (labelled or
        not) and given back; preconditioned prediction, a fresh level and fresh noise for every item,
        conditions as indicators. "released": the published code's behaviour: amplitudes of noise
        added up, step and noise the same from the second batch of an epoch on, learning rate × 0.9 every 100
        batches, half of the attention weights dropped, conditions as the raw numbers.
    sampling : {"noise", "native", "fast", "robust"}
        "native": from real items of the class. Corrected: with noise of the strength `start`, then step by
        step without it, given back to the wanted group. Released: one prediction from a degraded item, hence
        a near-copy. "noise" (corrected): step by step from noise, with nothing but a condition. "fast"
        (released): one prediction from noise. "robust" (released): step by step from noise, exchanging one
        degradation for the next.
    sampling_steps : int
        How many levels corrected sampling visits; each but the last asks the network twice.
    start : float
        Noise that corrected "native" adds, in deviations of an item: 0.5 changes little, 4 leaves little.
    guidance : float
        Of corrected sampling: how far a prediction goes from that without class and profile to that with
        them; 1 is the latter, more exaggerates them at twice the time.
    conditional : bool
        Whether the network sees the condition.
    condition_dropout : float
        Share of items that learn with a column of the condition hidden, so that a value never seen in
        training can be left open (corrected protocol).
    unlabelled : bool
        Whether `fit` learns from the task's unlabelled items too, with their class hidden (corrected
        protocol, which always estimates the channels of their groups).
    shots : {"learnt", "told"}
        "learnt": `fit` learns from the task's shots as from its other labelled items. "told" (corrected
        protocol): it does not, but profiles are of them and "native" starts from them, so that a generator
        which was trained before there were any serves however many there are.
    precision : {"auto", "fp32", "bf16"}
        "auto" takes bf16 where the processor multiplies it natively.
    threads : int
        On a CPU. Sums depend on it in the last bit.

    Raises
    ------
    UserError
        If `heads` does not divide `hidden` or `patch` `packets`, or a protocol is asked for what it has not.
    """

    hidden: Positive = 64
    heads: Positive = 4
    blocks: Positive = 1
    steps: Positive = 100
    packets: Positive = 200
    components: Positive = 12
    patch: Annotated[int, Gt(0), Le(1_000_000), MultipleOf(2)] = 2
    whitening: Annotated[float, Ge(0), Le(1)] = 1.0
    profile: Annotated[int, Ge(0), Le(1_000)] = 32
    epochs: Positive = 100
    batch: Positive = 32
    learning_rate: Annotated[float, Gt(0)] = 1e-3
    weight_decay: Annotated[float, Ge(0)] = 0.01
    schedule: Literal["cosine", "constant"] = "cosine"
    average: Share = 0.999
    protocol: Literal["corrected", "released"] = "corrected"
    sampling: Literal["noise", "native", "fast", "robust"] = "noise"
    sampling_steps: Annotated[int, Ge(2), Le(1_000_000)] = 18
    start: Annotated[float, Ge(0.02), Le(80.0)] = 1.0
    guidance: Annotated[float, Ge(0), Le(1_000)] = 2.0
    conditional: bool = True
    condition_dropout: Share = 0.1
    unlabelled: bool = False
    shots: Literal["learnt", "told"] = "learnt"
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
        if not self.released and self.sampling in ("fast", "robust"):
            raise UserError(
                f"rf_diffusion: sampling={self.sampling}: of protocol=released; take sampling=noise or native"
            )
        if not self.released and self.packets % self.patch:
            raise UserError(f"rf_diffusion: patch={self.patch}: expected a divisor of packets={self.packets}")
        if self.released and self.unlabelled:
            raise UserError(
                "rf_diffusion: protocol=released learns from labelled items only: unlabelled=false"
            )
        if self.released and self.shots == "told":
            raise UserError("rf_diffusion: protocol=released tells no profiles of shots: shots=learnt")

    @property
    def released(self) -> bool:
        """Whether the protocol is the released one."""
        return self.protocol == "released"

    @property
    def tokens(self) -> int:
        """Length of what the network sees of an item."""
        return self.packets if self.released else self.packets // self.patch
