from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from assay.errors import UserError
from assay.signal.intel5300 import raw_csi, read_log, write_log
from assay.signal.simulated_log import make_log, quantised


def test_simulated_packets_go_through_a_file(tmp_path):
    rng = np.random.default_rng(0)
    csi = rng.normal(size=(50, 1, 3, 30)) + 1j * rng.normal(size=(50, 1, 3, 30))
    written = make_log(quantised(csi), 1000 * np.arange(50), agc=20, rssi=[35, 36, 37])
    write_log(tmp_path / "simulated.dat", written)
    log = read_log(tmp_path / "simulated.dat")
    assert_array_equal(log.timestamp, written.timestamp)
    assert_array_equal(log.rssi, np.tile([35, 36, 37], (50, 1)))
    largest = max(np.abs(csi.real).max(), np.abs(csi.imag).max())
    assert_allclose(raw_csi(log) * largest / 100, csi, atol=largest / 100)
    assert [path.name for path in tmp_path.iterdir()] == ["simulated.dat"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"iq": np.zeros((4, 1, 4, 30, 2), np.int8)}, "expected int8"),
        ({"iq": np.zeros((4, 1, 3, 30, 2))}, "expected int8"),
        ({"timestamp": [1, 2, 3]}, r"timestamp: shape \(3,\); expected \(4,\)"),
        ({"timestamp": [0, 1, 2, 2**32]}, "timestamp: expected whole numbers 0 to 4294967295"),
        ({"agc": 1.5}, "agc: expected whole numbers 0 to 255"),
        ({"gain": 3}, "gain: no such field"),
    ],
)
def test_a_log_that_the_card_could_not_write_is_refused(change, message):
    good = {"iq": np.zeros((4, 1, 3, 30, 2), np.int8), "timestamp": np.arange(4)}
    with pytest.raises(UserError, match=message):
        make_log(**good | change)


@pytest.mark.parametrize("csi", [np.zeros(3, complex), np.array([np.nan + 0j]), np.array([np.inf + 0j])])
def test_csi_that_has_no_integers_is_refused(csi):
    with pytest.raises(UserError, match="finite"):
        quantised(csi)
