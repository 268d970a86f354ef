"""`csigan`: a CycleGAN from one domain's labelled items to another domain's."""

from assay.generate.csigan.settings import CsiGan

__all__ = ["CsiGan"]
