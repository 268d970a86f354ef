"""A generator, a method, a metric and a network for Assay, in a package of their own."""
