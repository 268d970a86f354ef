"""Published studies as grids: which cells, on which data, with which of the published flaws."""

from __future__ import annotations

import csv
import dataclasses
from importlib.resources import files

import numpy as np
import pytest

from assay.errors import UserError
from assay.methods.training import Training
from assay.studies.protocol import PROTOCOLS, Protocol, parse_protocol
from assay.studies.published.syncheck import Key, published
from assay.studies.syncheck.data import Made, StudyData, arranged
from assay.studies.syncheck.grid import Settings, entries_of, left_out, listed, parse_only, plan, wanted
from assay.studies.syncheck.scenarios import CROSS_DOMAIN, IN_DOMAIN_SETUP, RATIOS, SCENARIOS, SEEDS, STUDIES
from assay.studies.syncheck.study import Grid
from tests.support.toys import blob_task, blobs

TASK = blob_task()
SWITCHES = [field.name for field in dataclasses.fields(Protocol)]


def entries(study: str, protocol: Protocol = PROTOCOLS["corrected"], scenario=CROSS_DOMAIN) -> list:
    return STUDIES[study].entries(Grid(scenario, protocol, scenario.presets["small"]))


def by_name(study: str, protocol: Protocol, scenario=CROSS_DOMAIN) -> dict:
    return {(e.key.method, e.key.variant): e for e in entries(study, protocol, scenario)}


# -- methods beside the study's -----------------------------------------------------------------------


def beside(study: str, *methods: str, own: bool = False) -> list:
    scenario = CROSS_DOMAIN
    settings = Settings(
        STUDIES[study], scenario, scenario.presets["small"], PROTOCOLS["corrected"], Training(), SEEDS, "cpu",
        own, methods,
    )  # fmt: skip
    return entries_of(settings)


def test_a_method_stands_wherever_the_study_has_one_that_uses_synthetic_items():
    usual, more = (
        beside("syncheck-overall"),
        beside("syncheck-overall", "mcc", "mixed:real_last=0.5", own=True),
    )
    added = more[len(usual) :]
    assert [(e.series, e.place, e.key.ratio) for e in added] == [
        ("mcc", "own data", 1.0),
        ("mixed:real_last=0.5", "own data", 1.0),
    ]
    assert [e.key.ratio for e in beside("syncheck-volume", "mcc") if e.series == "mcc"] == list(RATIOS[1:])
    assert len([e for e in beside("syncheck-backbone", "mcc") if e.series == "mcc"]) == 3
    assert len({e.key for e in more}) == len(more)


def test_a_row_that_is_there_and_a_method_that_is_not_are_refused():
    with pytest.raises(UserError, match="--method: syncheck: is a row of the study already"):
        beside("syncheck-overall", "syncheck")
    with pytest.raises(UserError, match="unknown method 'tea'"):
        beside("syncheck-overall", "tea")


# -- published numbers --------------------------------------------------------------------------------


def test_means_and_seeds_are_those_of_the_table():
    found = published("csigan", "overall", Key("syncheck"))
    assert found.mean == 0.827
    assert found.seeds == {1223: 0.806, 213: 0.814, 420: 0.822, 219: 0.848, 307: 0.846}
    assert found.accuracy.mean == pytest.approx(np.mean([0.806, 0.814, 0.822, 0.848, 0.846]))


def test_cells_at_the_default_are_those_of_the_overall_table():
    assert published("rf-diffusion", "volume", Key("trts")).mean == 0.730
    assert published("csigan", "volume", Key("real_only", ratio=0.0)).mean == 0.732
    assert published("csigan", "ablation", Key("syncheck")).mean == 0.827


def test_a_table_that_is_a_copy_of_another_gives_the_mean_of_the_figure_and_no_seeds():
    found = published("rf-diffusion", "condition", Key("syncheck", variant="unconditional"))
    assert (found.mean, found.seeds) == (0.7488, {})
    assert "figure" in found.source


def test_every_published_row_is_a_cell_of_some_study():
    text = (files("assay.studies.published") / "syncheck.csv").read_text()
    rows = {
        (r["generator"].lower(), r["study"], r["method"], r["backbone"].lower(), r["ratio"], r["variant"])
        for r in csv.DictReader(text.splitlines())
    }
    cells = set()
    for name, scenario in SCENARIOS.items():
        for study in STUDIES.values():
            for e in study.entries(Grid(scenario, PROTOCOLS["corrected"], scenario.presets["small"])):
                key = (
                    name,
                    study.published,
                    e.key.method,
                    e.key.backbone,
                    f"{e.key.ratio:.1f}",
                    e.key.variant,
                )
                cells.add(key)
    assert rows <= cells


def test_every_published_number_is_found_by_its_cell():
    for name, scenario in SCENARIOS.items():
        for study in STUDIES.values():
            for e in study.entries(Grid(scenario, PROTOCOLS["corrected"], scenario.presets["small"])):
                ours = e.key.method in ("plain", "random_ssim", "random_trts")
                ours |= e.key.method == "real_only" and e.key.backbone != "default"
                assert (published(name, study.published, e.key) is None) == ours, e.key


# -- protocols ----------------------------------------------------------------------------------------


def test_the_released_protocol_has_every_switch_on_and_each_can_be_turned_alone():
    assert all(dataclasses.asdict(PROTOCOLS["released"]).values())
    for switch in SWITCHES:
        off = dataclasses.asdict(parse_protocol(f"released:{switch}=false"))
        assert [name for name, value in off.items() if not value] == [switch]
        on = dataclasses.asdict(parse_protocol(f"corrected:{switch}=true"))
        assert [name for name, value in on.items() if value] == [switch]


def test_an_unknown_switch_is_an_error_that_lists_them():
    with pytest.raises(UserError, match="known: copies, two_passes"):
        parse_protocol("released:tea=true")


def test_fixed_init_is_that_of_syncheck_alone_and_not_of_its_variants():
    fixed = {
        (e.key.method, e.key.variant)
        for study in STUDIES
        for e in entries(study, Protocol(fixed_init=True))
        if e.init_seed is not None
    }
    assert fixed == {("syncheck", "")}
    assert by_name("syncheck-overall", Protocol(fixed_init=True))["syncheck", ""].init_seed == 420
    in_domain = by_name("syncheck-overall", Protocol(fixed_init=True), IN_DOMAIN_SETUP)
    assert in_domain["syncheck", ""].init_seed is None


def test_fast_baseline_is_that_of_only_real_alone():
    found = by_name("syncheck-overall", Protocol(fast_baseline=True))
    assert {name for name, e in found.items() if e.rate != 1} == {("real_only", "")}
    assert found["real_only", ""].rate == pytest.approx(1e-3 / 2e-4)


@pytest.mark.parametrize(
    ("switch", "field"),
    [("trts_offset", "offset"), ("first_if_none", "keep_first"), ("twins_wrong", "twins_count")],
)
def test_a_switch_of_the_baselines_reaches_their_settings_and_no_other_field(switch, field):
    on, off = (by_name("syncheck-overall", p) for p in (Protocol(**{switch: True}), Protocol()))
    assert getattr(on["trts", ""].method, field) is True
    assert dataclasses.replace(on["trts", ""].method, **{field: False}) == off["trts", ""].method
    reached = (
        dataclasses.asdict(on["syncheck", ""].method).items()
        - dataclasses.asdict(off["syncheck", ""].method).items()
    )
    assert dict(reached) == ({"keep_first": True} if field == "keep_first" else {})


def test_the_switches_of_syncheck_and_of_its_filter_reach_their_settings():
    def reached(name, scenario, **switches):
        on, off = (by_name("syncheck-overall", p, scenario) for p in (Protocol(**switches), Protocol()))
        on, off = (dataclasses.asdict(found[name, ""].method) for found in (on, off))
        return {key: value for key, value in on.items() if value != off[key]}

    for scenario in (CROSS_DOMAIN, IN_DOMAIN_SETUP):
        assert reached("syncheck", scenario, two_passes=True) == {"merged": False}
    assert reached("syncheck", CROSS_DOMAIN, short_batches=True) == {"short_batches": True}
    assert reached("ssim", IN_DOMAIN_SETUP, own_twin=True) == {"reference": "twin"}
    assert reached("random_ssim", IN_DOMAIN_SETUP, own_twin=True)["like"]["reference"] == "twin"


def test_the_ablations_leave_out_what_they_say():
    found = {name[1]: e.method for name, e in by_name("syncheck-ablation", Protocol()).items()}
    whole = found.pop("no_ova"), found.pop("no_consistency_entropy")
    assert (whole[0].lambda_ova, whole[0].lambda_socr) == (0, 0.5)
    assert (whole[1].lambda_ova, whole[1].lambda_socr, whole[1].lambda_oem) == (1, 0, 0)
    assert (
        by_name("syncheck-condition", Protocol())["syncheck", "condition_label"].method.targets == "condition"
    )


# -- data ---------------------------------------------------------------------------------------------


def study_data(protocol: Protocol, made: int = 300, first: int = 20) -> StudyData:
    return arranged(TASK, Made(blobs(made, 7), first, "made"), protocol)


def test_ratios_count_against_the_labelled_items_or_against_the_first_set():
    assert study_data(Protocol()).unit == len(TASK.real)
    assert study_data(Protocol(own_ratio=True)).unit == 20


def test_more_data_are_copies_of_the_first_set_where_the_protocol_says_so():
    data = study_data(Protocol(copies=True, own_ratio=True))
    assert (len(data.first), len(data.more)) == (20, 100)
    for copy in range(5):
        np.testing.assert_array_equal(data.more.x[20 * copy : 20 * copy + 20], data.first.x)
    assert len(np.unique(study_data(Protocol()).more.x, axis=0)) == 300


# -- plans --------------------------------------------------------------------------------------------


def settings(study: str, **more) -> Settings:
    preset = CROSS_DOMAIN.presets["small"]
    given = {"protocol": Protocol(), "training": Training(epochs=1, steps=2), "seeds": SEEDS[:2], **more}
    return Settings(STUDIES[study], CROSS_DOMAIN, preset, device="cpu", **given)


def test_studies_share_the_runs_that_they_have_in_common():
    data = study_data(Protocol())
    keys = {
        study: {p.job.cell.key for p in plan(settings(study), data, {"ratio": ["1"]})}
        for study in ("syncheck-overall", "syncheck-volume", "syncheck-backbone", "syncheck-ablation")
    }
    overall = keys["syncheck-overall"]
    assert len(overall) == 2 * 8
    assert len(overall & keys["syncheck-backbone"]) == 2 * 5
    assert len(overall & keys["syncheck-ablation"]) == 2 * 2
    assert len(overall & keys["syncheck-volume"]) == 2 * 5


def test_each_seed_is_complete_before_the_next_begins_and_runs_draw_what_their_ratio_says():
    data = study_data(Protocol(), made=5 * len(TASK.real))
    grid = plan(settings("syncheck-volume"), data, {})
    assert [p.seed for p in grid] == sorted((p.seed for p in grid), key=SEEDS.index)
    assert len({p.job.cell.key for p in grid}) == len(grid) == 2 * (1 + 4 * (len(RATIOS) - 1))
    for p in grid:
        asked = round(p.entry.key.ratio * len(data.task.real))
        drawn = p.job.cell.run.ratio
        if p.job.synthetic is not None:
            assert asked == (len(p.job.synthetic) if drawn is None else round(drawn * len(data.task.real)))


def test_cells_for_which_the_data_do_not_suffice_are_left_out_unless_asked_for():
    data = study_data(Protocol(), made=100)
    most = 100 / len(data.task.real)
    ratios = {p.entry.key.ratio for p in plan(settings("syncheck-volume"), data, {"ratio": ["0.5"]})}
    assert ratios == {ratio for ratio in RATIOS if ratio <= most or ratio == 1}
    assert plan(settings("syncheck-volume"), data, {}) == plan(
        settings("syncheck-volume"), data, {"ratio": ["1"]}
    )
    assert len(left_out(settings("syncheck-volume"), data)) == 4 * sum(ratio > most for ratio in RATIOS)
    with pytest.raises(UserError, match=r"ratio 5 asks for \d+ synthetic items, there are 100"):
        plan(settings("syncheck-volume"), data, {"ratio": ["5"]})


def test_cells_that_need_conditions_are_left_out_where_there_are_none():
    made = blobs(300, 7).without_labels()
    data = arranged(TASK, Made(made, 20, "made"), Protocol())
    methods = {p.entry.key.method for p in plan(settings("syncheck-overall"), data, {})}
    assert methods == {"real_only", "syncheck", "plain"}
    assert "condition" in left_out(settings("syncheck-overall"), data)[label_of("original")]
    with pytest.raises(UserError, match="needs a condition"):
        plan(settings("syncheck-overall"), data, {"method": ["original"]})


def label_of(series: str) -> str:
    return f"{series}, {CROSS_DOMAIN.title}"


def test_only_names_cells_by_field():
    only = parse_only("method=trts+syncheck, seed=213")
    grid = plan(settings("syncheck-overall"), study_data(Protocol()), only)
    chosen = [(p.entry.key.method, p.seed) for p in grid if wanted(p.entry, p.seed, only)]
    assert sorted(chosen) == [("syncheck", 213), ("trts", 213)]


@pytest.mark.parametrize(
    ("text", "said"),
    [("tea=1", "fields: method"), ("method", "fields: method"), ("method=", "fields: method")],
)
def test_a_malformed_only_says_what_the_fields_are(text, said):
    with pytest.raises(UserError, match=said):
        parse_only(text)


def test_an_unknown_cell_is_an_error_that_lists_the_known():
    with pytest.raises(UserError, match=r"method=tea: no such cell; known: original"):
        plan(settings("syncheck-overall"), study_data(Protocol()), {"method": ["tea"]})


def test_seeds_are_the_published_ones_then_others():
    assert listed(SEEDS, 2) == (1223, 213)
    assert listed(SEEDS, None) == SEEDS
    assert listed(SEEDS, 7) == (*SEEDS, 0, 1)
