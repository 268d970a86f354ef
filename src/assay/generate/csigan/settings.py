"""Settings of the generator `csigan`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from assay.settings import switch, switched

Positive = Annotated[int, Gt(0), Le(1_000_000)]
NotNegative = Annotated[float, Ge(0)]


@dataclass(frozen=True)
class CsiGanSettings:
    """A CycleGAN that makes labelled items of a target domain out of labelled items of a source domain.

    Published for Wi-Fi CSI across people (CsiGAN, IEEE IoT Journal, 2019; this form: SynCheck, MobiSys 2025).
    Domain A is the task's labelled items, domain B its unlabelled items and the inputs of its shots; no label
    of the target is read. Two generators and two discriminators minimise, with F = G_AB and H = G_BA,

        L_F,H = (D_B(F(a)) - 1)² + (D_A(H(b)) - 1)² + λ_cycle (|H(F(a)) - a| + |F(H(b)) - b|)
                + λ_similarity ((F(a) - b)² + (H(b) - a)²)
        L_D   = ½ [(D(real) - 1)² + D(generated)²] for each, generated ones from a pool of 50

    Items of two axes are taken for pictures of one plane, items of three for (plane, height, width).

    Parameters
    ----------
    width : int
        Channels of the first layer of each network.
    epochs : int
        Passes over domain A. Published: up to 1,000; but as the rate falls tenfold every 50 epochs, all that
        come after the first 150 add up to a thousandth of the rates before.
    batch, learning_rate, decay_epochs
        Adam (betas 0.5 and 0.999), rate divided by ten every `decay_epochs` epochs.
    lambda_cycle, lambda_similarity : float
        Weights of the losses. The cycle's is 10 as published, and 2 in the corrected protocol: identities
        close every cycle, so 10 would keep generators that begin as the identity there. Similarity needs
        pairs.
    conditional : bool
        Items carry the class of the source item they were made from. Otherwise -1, and each source item meets
        a target item drawn with replacement: the published "unconditional" network, which differs in nothing
        else (without a similarity loss, pairs do not enter the losses).
    protocol : {"corrected", "released"}
        Sets all switches that are left open; "released" keeps what the published code does.
    paired : bool, optional
        Switch. The a-th source item is paired with the a-th target item, so that whoever orders the target's
        items by class puts its labels to use. Off, any meets any.
    nearest_epoch : bool, optional
        Switch. The epoch that is kept has the least mean |F(a) - b| over the training pairs (mean of batch
        means, the short last batch counting as much as others). Off, the last one is kept, without pairs.
    tanh_output : bool, optional
        Switch. Outputs are tanh, in (-1, 1), while z-scored items go beyond, so that no cycle can close. Off,
        the last layer is added to the input, and begins as the identity.
    batch_pool : bool, optional
        Switch. The pool holds 50 whole batches (see `ImagePool`). Off, 50 items.
    one_coin : bool, optional
        Switch. One coin a step decides for both domains whether earlier items are handed out. Off, every item
        of each domain has its own.
    source_group : int, optional
        Learn from, and translate, only the labelled items of this group (published: one of two people).
    source_per_class : int, optional
        Of those, only the first so many of each class (published: 5).
    training_items : int, optional
        Learn from only the first so many of each domain (published: 25); all of A is translated.
    copy_noise : float
        When more items are asked for than there are source items, these are used again, each time with fresh
        noise of this many standard deviations of all source items (published: 1e-4, which adds next to
        nothing).
    precision : {"auto", "fp32", "bf16"}
        "auto" takes bf16 where the processor multiplies it natively.
    threads : int
        On a CPU; sums depend on it in the last bit.

    Notes
    -----
    Published set-up on SignFi (labelled: two people × 50 signs × 10; unlabelled: the third person's first ten
    signs × 5, by sign): ``CsiGan(epochs=1000, protocol="released", source_group=…, source_per_class=5,
    training_items=25)``. Items are normalised as the task says before they are learnt from. Outputs come back
    in recorded units, except that z-scoring item by item (normalise="item") cannot be undone: such outputs
    stay z-scores, and are z-scored again when used, so that their level means nothing.
    """

    width: Positive = 64
    epochs: Positive = 150
    batch: Positive = 8
    learning_rate: Annotated[float, Gt(0)] = 2e-4
    decay_epochs: Positive = 50
    lambda_cycle: NotNegative | None = None
    lambda_similarity: NotNegative = 0.0
    conditional: bool = True
    protocol: Literal["corrected", "released"] = "corrected"
    paired: bool | None = switch()
    nearest_epoch: bool | None = switch()
    tanh_output: bool | None = switch()
    batch_pool: bool | None = switch()
    one_coin: bool | None = switch()
    source_group: int | None = None
    source_per_class: Positive | None = None
    training_items: Positive | None = None
    copy_noise: NotNegative = 1e-4
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    threads: Positive = 1

    @property
    def cycle_weight(self) -> float:
        """λ_cycle, given or by protocol."""
        if self.lambda_cycle is not None:
            return self.lambda_cycle
        return 10.0 if self.protocol == "released" else 2.0

    @property
    def pairing(self) -> Literal["index", "shuffled", "drawn"]:
        """Which target item a source item meets: its index, any, or any drawn with replacement."""
        if not self.conditional:
            return "drawn"
        return "index" if switched(self, self.protocol == "released").paired else "shuffled"
