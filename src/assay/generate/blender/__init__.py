"""Images of 3-D models, rendered by Blender with domain randomisation."""
