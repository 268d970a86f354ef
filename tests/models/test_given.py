"""Networks of one's own: copied, seeded, their width found, their classifier taken off."""

from __future__ import annotations

import pickle

import cloudpickle
import pytest
import torch
from torch import Generator, nn

from assay.errors import UserError
from assay.methods.base import Classifier
from assay.models.given import backbone as given
from assay.models.layers import initialise
from assay.models.table import chosen, settings_of
from assay.settings import as_dict

VECTOR = (6,)


class Noisy(nn.Module):
    def __init__(self, width: int = 5) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, width), nn.ReLU(), nn.Dropout(0.5))
        self.last = nn.Linear(width, 3)

    def forward(self, x):
        return self.last(self.body(x))


class Whole(nn.Module):
    def forward(self, x):
        return x.long()


def trunk(shape):
    return nn.Sequential(nn.Flatten(), nn.Linear(shape[0], 7), nn.ReLU())


def weights(settings, seed=0):
    return torch.cat(
        [p.flatten() for p in settings.build(VECTOR, Generator().manual_seed(seed)).parameters()]
    )


def test_a_function_is_given_the_shape_and_draws_from_the_seed():
    settings = chosen(trunk, "vector", VECTOR, 3)
    before = torch.get_rng_state()
    assert settings.build(VECTOR, Generator()).out_features == 7
    assert torch.equal(weights(settings, 1), weights(settings, 1))
    assert not torch.equal(weights(settings, 1), weights(settings, 2))
    assert torch.equal(torch.get_rng_state(), before), "the global state is left as it was"


def test_a_module_is_copied_with_its_weights_unless_they_are_to_be_drawn():
    network = trunk(VECTOR)
    kept, drawn = (chosen(given(network, initialise=i), "vector", VECTOR, 3) for i in (False, True))
    own = network[1].weight.detach().clone()
    for settings, same in ((kept, True), (drawn, False)):
        built = settings.build(VECTOR, Generator())
        initialise(Classifier(built, 3), Generator().manual_seed(1))
        assert torch.equal(built.network[1].weight, own) is same
    assert torch.equal(network[1].weight, own), "the user's own is untouched"


def test_the_classifier_of_a_network_is_taken_off_and_that_is_said(caplog):
    settings = chosen(Noisy, "vector", VECTOR, 3)
    assert settings.cut == "last"
    assert settings.build(VECTOR, Generator()).out_features == 5
    assert "ends in a classifier of 3 classes: its layer 'last' is taken off" in caplog.text
    assert chosen(Noisy, "vector", VECTOR, 4).cut == "", (
        "three numbers are features where there are 4 classes"
    )
    whole = chosen(given(Noisy, cut="none"), "vector", VECTOR, 3)
    assert whole.build(VECTOR, Generator()).out_features == 3
    with pytest.raises(UserError, match="cut=head: no layer of that name; known: body, last"):
        chosen(given(Noisy, cut="head"), "vector", VECTOR, 3)


def test_what_a_network_writes_into_its_input_stays_in_it():
    class Writes(nn.Module):
        def forward(self, x):
            return x.sub_(1)

    x = torch.ones(2, 6)
    network = chosen(Writes, "vector", VECTOR, 3).build(VECTOR, Generator())
    for _ in range(2):
        assert network(x).tolist() == torch.zeros(2, 6).tolist()
    assert x.tolist() == torch.ones(2, 6).tolist()


def test_lazy_layers_draw_from_the_seed_and_wide_numbers_become_float32():
    class Lazy(nn.Module):
        def __init__(self):
            super().__init__()
            self.last = nn.LazyLinear(5)

        def forward(self, x):
            return self.last(x).double()

    drawn = []
    for settings in (chosen(Lazy, "vector", VECTOR, 3), chosen(Lazy(), "vector", VECTOR, 3)):
        torch.rand(3)
        drawn += [weights(settings, 1)]
        assert torch.equal(drawn[-1], weights(settings, 1))
        assert not torch.equal(drawn[-1], weights(settings, 2))
        assert settings.build(VECTOR, Generator())(torch.ones(2, 6)).dtype == torch.float32
    assert torch.equal(*drawn)


def test_dropout_follows_from_the_runs_generator():
    def outputs(seed):
        network = chosen(Noisy, "vector", VECTOR, 3).build(VECTOR, Generator().manual_seed(seed)).train()
        return [network(torch.ones(2, 6)) for _ in range(2)]

    first, second = outputs(3)
    assert not torch.equal(first, second), "the next step draws anew"
    assert all(map(torch.equal, (first, second), outputs(3)))


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (7, "an object of type int; expected a name"),
        (lambda shape: None, "gives nothing; expected a torch.nn.Module"),
        (lambda shape: nn.Linear(5, 2), "does not take items of shape"),
        (lambda shape: nn.Flatten(0), r"makes \(12,\) of 2 items"),
        (nn.ModuleList(), "missing the required"),
        (torch.jit.ScriptModule(), "of type RecursiveScriptModule; expected a torch.nn"),
        (Whole, r"makes numbers of torch.int64; expected real ones"),
        (lambda shape: nn.LSTM(6, 2), "its forward gives an object of type tuple"),
        ("sklearn.ensemble:RandomForestClassifier", "a network is needed here"),
        ("sklearn.linear_model:LinearRegression", "no classifier of scikit-learn"),
        ("forest:tea=1", "unexpected keyword argument 'tea'"),
        ("nowhere.py:build", "nowhere.py: no such file"),
        ("nowhere_at_all:build", "no module named 'nowhere_at_all'"),
        ("torch.nn:Tea", "torch.nn defines no 'Tea'"),
    ],
)
def test_what_is_no_network_is_refused_in_a_line(network, said):
    with pytest.raises(UserError, match=said):
        chosen(network, "vector", VECTOR, 3)


def test_a_file_names_its_function_and_workers_get_it_by_value(tmp_path):
    file = tmp_path / "mynet.py"
    text = "from torch import nn\n\ndef build(shape, width=4):\n    return nn.Linear(shape[0], width)\n"
    file.write_text(text)
    settings = chosen(f"{file}:build:width=9", "vector", VECTOR, 3)
    assert settings.build(VECTOR, Generator()).out_features == 9
    assert as_dict(settings) == {**as_dict(settings), "options": (("width", 9),), "initialise": False}
    there = pickle.loads(cloudpickle.dumps(settings))
    assert there == settings
    assert there.build(VECTOR, Generator()).out_features == 9
    file.write_text(text.replace("nn.Linear(shape[0], width)", "nn.Linear(shape[0], width + 1)"))
    changed = settings_of(f"{file}:build:width=9")
    assert changed != settings, "another source is another run"
    assert changed.build(VECTOR, Generator()).out_features == 10
    file.write_text("def build(:\n")
    with pytest.raises(UserError, match=r"mynet.py:build: SyntaxError"):
        settings_of(f"{file}:build")
