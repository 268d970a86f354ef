"""What the published code of SynCheck does that a careful study would not, each a switch of its own."""

from __future__ import annotations

from dataclasses import dataclass, fields

from assay.settings import parse

INIT_SEED = 420


@dataclass(frozen=True)
class Protocol:
    """Behaviours of the published code (SynCheck, MobiSys 2025); all off is the corrected protocol.

    Those after `copies` concern the cross-domain set-up (CsiGAN) alone: the published in-domain code
    (RF-Diffusion) has none of them.

    Parameters
    ----------
    copies : bool
        "More data" are copies of the same items.
    fixed_init : bool
        SynCheck starts from the weights of seed 420 whatever the seed of the run, where its ablations, its
        other conditions and all baselines start from those of the run's own seed.
    trts_offset : bool
        The TRTS filter wants an item to be recognised as the synthetic twin of its class, which nothing has
        taught the model before the selection, so that next to nothing is kept.
    first_if_none : bool
        A filter that keeps nothing keeps the first item.
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
    nearest_packet : bool
        Doppler spectra (widar3) take the nearest packet for every instant, whatever the gap, unfiltered.
    """

    copies: bool = False
    fixed_init: bool = False
    trts_offset: bool = False
    first_if_none: bool = False
    twins_wrong: bool = False
    best_on_test: bool = False
    overlap: bool = False
    fast_baseline: bool = False
    own_ratio: bool = False
    nearest_packet: bool = False


PROTOCOLS = {
    "corrected": Protocol(),
    "released": Protocol(**{field.name: True for field in fields(Protocol)}),
}


def parse_protocol(text: str) -> Protocol:
    """``corrected`` or ``released``, single switches turned as in ``released:overlap=false``."""
    return parse(text, PROTOCOLS, "protocol")
