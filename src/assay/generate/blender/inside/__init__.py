"""The part that runs in Blender's own Python: a line of JSON in, a picture out.

Nothing here imports Assay: Blender's wheel needs an older numpy than Assay does. The host says everything
that decides a picture; the code here draws nothing at random.
"""
