"""The studies of rendered images of Tang & Jia (CVPR 2023): declared, run, beside the published numbers."""
