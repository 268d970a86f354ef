from __future__ import annotations

import numpy as np

from assay.train.feature_store import FeatureStore, key_of

ITEMS = np.arange(24, dtype=np.uint8).reshape(4, 3, 2)
KEYS = [key_of(item) for item in ITEMS]
FEATURES = np.random.default_rng(0).random((4, 5)).astype(np.float32)


def test_what_was_kept_is_found_by_another_process(tmp_path):
    FeatureStore(tmp_path).add(KEYS[:2], FEATURES[:2])
    FeatureStore(tmp_path).add(KEYS[2:], FEATURES[2:])
    found = FeatureStore(tmp_path).found([KEYS[3], KEYS[0], KEYS[3]])
    assert found.keys() == {KEYS[3], KEYS[0]}
    assert np.array_equal(found[KEYS[3]], FEATURES[3])
    assert np.array_equal(found[KEYS[0]], FEATURES[0])


def test_items_are_told_by_content_shape_and_type():
    alike = (ITEMS[0], ITEMS[0].reshape(2, 3), ITEMS[0].astype(np.int8), ITEMS[1])
    assert len({key_of(item) for item in alike}) == 4
    assert key_of(np.asfortranarray(ITEMS[0])) == KEYS[0]


def test_missing_items_are_asked_for_once(tmp_path):
    FeatureStore(tmp_path).add(KEYS[:1], FEATURES[:1])
    assert FeatureStore(tmp_path).missing([KEYS[0], KEYS[2], KEYS[1], KEYS[2]]) == [1, 2]


def test_damaged_files_are_passed_over_and_a_folder_that_cannot_be_is_no_error(tmp_path):
    (tmp_path / "half.safetensors").write_bytes(b"half")
    assert FeatureStore(tmp_path).missing(KEYS) == [0, 1, 2, 3]
    (tmp_path / "file").write_bytes(b"")
    FeatureStore(tmp_path / "file" / "below").add(KEYS, FEATURES)
