"""Connecting to a Ray cluster."""

from __future__ import annotations

import importlib
from typing import Any

from assay.errors import UserError


def connected(address: str) -> tuple[Any, bool]:
    """Ray, connected to the cluster, and whether it was not before.

    Parameters
    ----------
    address : str
        Of the cluster; "local" starts one on this machine.

    Raises
    ------
    UserError
        If Ray is not installed, or there is no cluster at the address.
    """
    try:
        ray: Any = importlib.import_module("ray")
    except ImportError:
        raise UserError("--ray: Ray is not installed: pip install 'assay[ray]'") from None
    if ray.is_initialized():
        return ray, False
    try:
        ray.init(None if address == "local" else address, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise UserError(f"--ray: {address}: no cluster there: {error}") from None
    return ray, True
