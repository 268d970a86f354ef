"""A generator, a method, a metric, a network and an augmentation for Assay, in a package of their own."""
