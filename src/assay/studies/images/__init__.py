"""The studies of rendered images (Tang and Jia, CVPR 2023)."""
