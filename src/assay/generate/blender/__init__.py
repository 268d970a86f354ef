"""Images of 3-D models, rendered by Blender with domain randomisation."""

from assay.generate.blender.distribution import Distribution, Names, fixed, names, one_of, uniform
from assay.generate.blender.environment import set_up
from assay.generate.blender.furniture import unpack_furniture
from assay.generate.blender.render_set import Rendered, render_again, render_set
from assay.generate.blender.settings import Blender
from assay.generate.blender.stream import Stream, open_stream
from assay.generate.blender.table2 import table2_grid
from assay.generate.blender.weighting import Learned, Weighting, as_text, image_statistics, learn_factors

__all__ = [
    "Blender",
    "Distribution",
    "Learned",
    "Names",
    "Rendered",
    "Stream",
    "Weighting",
    "as_text",
    "fixed",
    "image_statistics",
    "learn_factors",
    "names",
    "one_of",
    "open_stream",
    "render_again",
    "render_set",
    "set_up",
    "table2_grid",
    "uniform",
    "unpack_furniture",
]
