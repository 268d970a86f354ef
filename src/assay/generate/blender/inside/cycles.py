"""Cycles, set for many small pictures: quick to begin, and the same bytes every time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bpy

from .hopeless import Hopeless

DEVICES = ("OPTIX", "CUDA", "HIP", "METAL", "ONEAPI")


def set_up(scene: Any, picture: Mapping[str, Any]) -> None:
    """Size, samples, seed and threads of one picture."""
    render = scene.render
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y = picture["width"], picture["height"]
    render.resolution_percentage = 100
    render.threads_mode, render.threads = "FIXED", picture["threads"]
    render.use_persistent_data = False  # what Cycles keeps would depend on the pictures before
    render.dither_intensity = 0.0
    scene.view_settings.view_transform, scene.view_settings.look = "Standard", "None"
    _sample(scene.cycles, picture)


def _sample(settings: Any, picture: Mapping[str, Any]) -> None:
    settings.samples, settings.seed = picture["samples"], picture["seed"]
    settings.use_adaptive_sampling = False
    if picture["denoise"]:
        _denoise(settings)
    settings.use_denoising = picture["denoise"]
    settings.max_bounces, settings.diffuse_bounces, settings.glossy_bounces = 4, 2, 2
    settings.transmission_bounces, settings.transparent_max_bounces = 2, 4
    settings.sample_clamp_indirect = 5.0  # few samples: a bright speck costs more than the light it is
    settings.device = picture["device"].upper()
    if settings.device == "GPU":
        _use_gpu()


NO_DENOISER = "denoise: this Blender has no Open Image Denoise; use denoise=false,samples=64"


def _denoise(settings: Any) -> None:
    """Open Image Denoise on colours alone, quickly: 8 samples come out as clean as 32 without."""
    try:
        settings.denoiser = "OPENIMAGEDENOISE"
    except TypeError:  # built without it, as Debian's is
        raise Hopeless(NO_DENOISER) from None
    settings.denoising_input_passes = "RGB"
    settings.denoising_prefilter = "NONE"
    if hasattr(settings, "denoising_quality"):  # since 4.2
        settings.denoising_quality = "FAST"


def _use_gpu() -> None:
    """The first kind of device that this machine has; `Hopeless` if it has none."""
    preferences = bpy.context.preferences.addons["cycles"].preferences
    for kind in DEVICES:
        try:
            preferences.compute_device_type = kind
        except TypeError:  # this build does not know the kind
            continue
        preferences.get_devices()
        found = [device for device in preferences.devices if device.type == kind]
        for device in preferences.devices:
            device.use = device.type == kind
        if found:
            return
    raise Hopeless("device: gpu, but Cycles finds none here; use device=cpu")
