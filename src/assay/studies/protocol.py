"""What the published code of SynCheck does that a careful study would not, each a switch of its own."""

from __future__ import annotations

from dataclasses import dataclass, fields

from assay.settings import parse

INIT_SEED = 420


@dataclass(frozen=True)
class Protocol:
    """Behaviours of the published code (SynCheck, MobiSys 2025); all off is the corrected protocol.

    The first two concern both set-ups, the next three the in-domain one (RF-Diffusion), the others the
    cross-domain one (CsiGAN) alone.

    Parameters
    ----------
    copies : bool
        "More data" are copies of the same items.
    two_passes : bool
        SynCheck sends views through a network with batch normalisation in two passes, the second with the
        labelled views once more, so that its running means follow these.
    native : bool
        RF-Diffusion makes every item from a real one of the class, which it returns nearly as it was.
    own_twin : bool
        The SSIM filter compares an item with the real one that it was made from, not with all.
    nearest_packet : bool
        Doppler spectra (widar3) take the nearest packet for every instant, whatever the gap, unfiltered.
    fixed_init : bool
        SynCheck starts from the weights of seed 420 whatever the seed of the run, where its ablations, its
        other conditions and all baselines start from those of the run's own seed.
    trts_offset : bool
        The TRTS filter wants an item to be recognised as the synthetic twin of its class, which nothing has
        taught the model before the selection, so that next to nothing is kept.
    first_if_none : bool
        A filter that keeps nothing keeps the first item; SynCheck selects it where it would select none.
    short_batches : bool
        The last batch of SynCheck's pass over a pool holds what is left of it: 16, 16, 16 and 2 of 50.
    twins_wrong : bool
        A test item that a baseline takes for a synthetic twin, of whichever class, is counted as wrong.
    best_on_test : bool
        The epoch with the highest accuracy on the test items is reported (selection `oracle`).
    overlap : bool
        The unlabelled items are test items too.
    fast_baseline : bool
        Only the only-real baseline learns at five times the rate of all others.
    own_ratio : bool
        Ratios count synthetic items per item of the generator's first set instead of per labelled real item.
    """

    copies: bool = False
    two_passes: bool = False
    native: bool = False
    own_twin: bool = False
    nearest_packet: bool = False
    fixed_init: bool = False
    trts_offset: bool = False
    first_if_none: bool = False
    short_batches: bool = False
    twins_wrong: bool = False
    best_on_test: bool = False
    overlap: bool = False
    fast_baseline: bool = False
    own_ratio: bool = False


PROTOCOLS = {
    "corrected": Protocol(),
    "released": Protocol(**{field.name: True for field in fields(Protocol)}),
}


def parse_protocol(text: str) -> Protocol:
    """``corrected`` or ``released``, single switches turned as in ``released:overlap=false``."""
    return parse(text, PROTOCOLS, "protocol")
