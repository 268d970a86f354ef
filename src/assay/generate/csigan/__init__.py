"""`csigan`: a CycleGAN from one domain's labelled items to another domain's."""
