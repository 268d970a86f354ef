"""Where synthetic data comes from: one file or folder a generator."""
