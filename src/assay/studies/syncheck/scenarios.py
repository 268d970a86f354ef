"""The studies of SynCheck (MobiSys 2025) and the two set-ups that they are run in."""

from __future__ import annotations

import dataclasses

from assay.methods.base import MethodSettings
from assay.methods.csigan import CsiGanClassifier
from assay.methods.mixed import Mixed
from assay.methods.random_filter import RandomFilter
from assay.methods.real_only import RealOnly
from assay.methods.ssim_filter import SsimFilter
from assay.methods.syncheck import IN_DOMAIN, SynCheck
from assay.methods.training import Training
from assay.methods.trts_filter import TrtsFilter
from assay.studies.protocol import Protocol
from assay.studies.published.syncheck import Key
from assay.studies.syncheck.study import Entry, Grid, Preset, Scenario, Study

SEEDS = (1223, 213, 420, 219, 307)
RATIOS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0)
SERIES = {
    "real_only": "only real",
    "original": "original",
    "ssim": "SSIM filter",
    "random_ssim": "random (SSIM filter)",
    "trts": "TRTS filter",
    "random_trts": "random (TRTS filter)",
    "syncheck": "SynCheck",
    "plain": "only real, cross-entropy alone",
    "no_ova": "SynCheck without one-vs-all",
    "no_consistency_entropy": "SynCheck without consistency and entropy",
    "unconditional": "SynCheck, unconditional generation",
    "condition_label": "SynCheck, condition as label",
}
COMPARED = ("original", "ssim", "trts", "syncheck")
CONTROLS = ("random_ssim", "random_trts")


# -- methods ------------------------------------------------------------------------------------------


def cross_domain(method: str, variant: str, protocol: Protocol, preset: Preset) -> MethodSettings:
    """The settings of a method in the set-up of CsiGAN on SignFi."""
    p = protocol
    base = CsiGanClassifier(
        offset=p.trts_offset,
        keep_first=p.first_if_none,
        twins_count=p.twins_wrong,
        generator_width=preset.generator_width,
    )
    table: dict[str, MethodSettings] = {
        "real_only": dataclasses.replace(base, synthetic="none"),
        "original": dataclasses.replace(base, synthetic="all"),
        "ssim": dataclasses.replace(base, synthetic="ssim"),
        "trts": dataclasses.replace(base, synthetic="trts"),
        "random_ssim": RandomFilter(dataclasses.replace(base, synthetic="ssim")),
        "random_trts": RandomFilter(dataclasses.replace(base, synthetic="trts")),
        "syncheck": varied(_syncheck(SynCheck(), p), variant),
        "plain": RealOnly(),
    }
    return table[method]


def in_domain(method: str, variant: str, protocol: Protocol, preset: Preset) -> MethodSettings:
    """The settings of a method in the set-up of RF-Diffusion on Widar3.0; warm-ups are 3 of 10 epochs."""
    del preset  # nothing of it changes a method here
    ssim = SsimFilter(reference="twin" if protocol.own_twin else "labelled", real_share="pool")
    trts = TrtsFilter(warm_up=0.3, real_share="pool")
    table: dict[str, MethodSettings] = {
        "real_only": RealOnly(),
        "original": Mixed(warm_up=0.3, real_share="pool"),
        "ssim": ssim,
        "trts": trts,
        "random_ssim": RandomFilter(ssim),
        "random_trts": RandomFilter(trts),
        "syncheck": varied(dataclasses.replace(IN_DOMAIN, merged=not protocol.two_passes), variant),
        "plain": RealOnly(),
    }
    return table[method]


def _syncheck(settings: SynCheck, protocol: Protocol) -> SynCheck:
    """SynCheck across domains, with the switches of a protocol."""
    return dataclasses.replace(
        settings,
        merged=not protocol.two_passes,
        keep_first=protocol.first_if_none,
        short_batches=protocol.short_batches,
    )


def varied(settings: SynCheck, variant: str) -> SynCheck:
    """SynCheck without a part of it, or with the condition as the label of a kept item."""
    if variant == "no_ova":
        return dataclasses.replace(settings, lambda_ova=0.0)
    if variant == "no_consistency_entropy":
        return dataclasses.replace(settings, lambda_oem=0.0, lambda_socr=0.0)
    return dataclasses.replace(settings, targets="condition") if variant == "condition_label" else settings


# -- set-ups ------------------------------------------------------------------------------------------

ACTIVITIES = "activities=0+1+2+3+4+5+6+7+8+9"
SMALL_BACKBONES = {
    kind: {name: f"{network}:width={width}" for name, width in widths}
    for kind, network, widths in (
        ("signal", "cnn1d", (("cnn64", 16), ("default", 32), ("cnn256", 64))),
        ("image", "cnn2d", (("cnn64", 16), ("default", 32), ("cnn256", 64))),
        ("vector", "mlp", (("cnn64", 64), ("default", 128), ("cnn256", 256))),
    )
}
SMALL_CSIGAN = "csigan:width=16,epochs=24,decay_epochs=12,source_group=2,lambda_cycle=2,copy_noise=0.1"
SIGNFI_CSIGAN = "csigan:epochs=150,source_group=3,source_per_class=5,copy_noise=0.1"
FULL_CNN = {"cnn64": "signfi_cnn:width=64", "default": "signfi_cnn", "cnn256": "signfi_cnn:width=256"}
"""Without normalisation, for CSI."""
FULL_RESNET = {f"resnet{depth}": f"resnet1d:depth={depth}" for depth in (18, 50)} | {"default": "resnet1d"}
CROSS_DOMAIN = Scenario(
    "cross-domain (CsiGAN)",
    cross_domain,
    ("cnn64", "default", "cnn256"),
    SERIES,
    ("real_only", "syncheck"),
    "last",
    {
        "small": Preset(
            f"csi-har:target=1,sources=2+3,{ACTIVITIES},seen=0+1+2+3+4",
            SMALL_CSIGAN,
            f"{SMALL_CSIGAN},conditional=false",
            "",
            Training(epochs=20, steps=20, batch=16),
            SMALL_BACKBONES,
            generator_width=32,
        ),
        "full": Preset(
            "signfi",
            SIGNFI_CSIGAN,
            f"{SIGNFI_CSIGAN},conditional=false",
            "",
            Training(
                epochs=100, steps=100, batch=16, learning_rate=2e-4, schedule="every", every=40, decay=0.1
            ),
            {"signal": FULL_CNN},
        ),
    },
)
SMALL_RF = "rf-diffusion:epochs=60,hidden=32,blocks=4,batch=16,learning_rate=2e-3"
SMALL_RESNET = {
    name: f"resnet1d:depth={depth},widths=32+32+64+128"
    for name, depth in (("resnet18", 18), ("default", 34), ("resnet50", 50))
}
IN_DOMAIN_SETUP = Scenario(
    "in-domain (RF-Diffusion)",
    in_domain,
    ("resnet18", "default", "resnet50"),
    SERIES,
    (),
    "validation",
    {
        "small": Preset(
            "csi-har:target=1",
            SMALL_RF,
            f"{SMALL_RF},conditional=false",
            "csi-har:target=1,by_room=true",
            Training(epochs=10, steps=42, batch=32, schedule="constant"),
            {"signal": SMALL_RESNET},
        ),
        "full": Preset(
            "widar3",
            "",
            "",
            "",
            Training(
                epochs=10,
                steps=420,
                batch=64,
                optimiser="adamw",
                weight_decay=0.01,
                schedule="every",
                every=2,
                decay=0.9,
            ),
            {"signal": FULL_RESNET},
        ),
    },
)
SCENARIOS = {"csigan": CROSS_DOMAIN, "rf-diffusion": IN_DOMAIN_SETUP}


# -- studies ------------------------------------------------------------------------------------------


def overall(grid: Grid) -> list[Entry]:
    """Five methods; a random control beside each filter, and (our addition) the plainest baseline."""
    names = ("real_only", "original", "ssim", "random_ssim", "trts", "random_trts", "syncheck")
    plain = ("plain",) if grid.scenario is CROSS_DOMAIN else ()
    return [grid.entry(Key(name)) for name in (*names, *plain)]


def ablation(grid: Grid) -> list[Entry]:
    """SynCheck without one of its parts."""
    whole = [grid.entry(Key(name)) for name in ("real_only", "syncheck")]
    return whole + [grid.variant(name) for name in ("no_ova", "no_consistency_entropy")]


def condition(grid: Grid) -> list[Entry]:
    """Generation without a condition, and the condition as the label."""
    whole = [grid.entry(Key(name)) for name in ("real_only", "syncheck")]
    return [*whole, grid.variant("unconditional", "unconditional"), grid.variant("condition_label")]


def backbone(grid: Grid) -> list[Entry]:
    """Three sizes of backbone; only real at each of them is our addition."""
    return [
        grid.entry(Key(method, backbone=width), _size(width, grid.scenario))
        for width in grid.scenario.widths
        for method in ("real_only", *COMPARED)
    ]


def _size(width: str, scenario: Scenario) -> str:
    """What the axis calls a backbone (the published figure 11a calls its CNNs ResNets)."""
    default = "cnn128" if scenario is CROSS_DOMAIN else "resnet34"
    name = default if width == "default" else width
    return name.replace("cnn", "CNN ").replace("resnet", "ResNet-")


def volume(grid: Grid) -> list[Entry]:
    """From no synthetic item to five times as many as real ones."""
    none = grid.entry(Key("real_only", ratio=0.0), "0")
    some = [grid.entry(Key(name, ratio=ratio), f"{ratio:g}") for ratio in RATIOS[1:] for name in COMPARED]
    return [none, *some]


BARS = {"csigan": "figure 9", "rf-diffusion": "figure 9"}
STUDIES = {
    "syncheck-overall": Study(
        "overall", "What is synthetic data worth under each way of using it?", BARS, "", overall
    ),
    "syncheck-ablation": Study(
        "ablation", "Which parts of SynCheck does it need?", {"csigan": "", "rf-diffusion": ""}, "", ablation
    ),
    "syncheck-backbone": Study(
        "backbone",
        "Does the size of the backbone matter?",
        {"csigan": "figure 11a", "rf-diffusion": "figure 11b"},
        "backbone",
        backbone,
    ),
    "syncheck-volume": Study(
        "volume",
        "How much synthetic data should one use?",
        {"csigan": "figure 12a", "rf-diffusion": "figure 12b"},
        "synthetic items per real one",
        volume,
    ),
    "syncheck-condition": Study(
        "condition",
        "Does SynCheck need the generator's condition, and may it believe it?",
        {"csigan": "figure 13", "rf-diffusion": "figure 13"},
        "",
        condition,
    ),
}
