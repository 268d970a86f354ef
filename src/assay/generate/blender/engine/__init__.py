"""Blender in processes of its own: found, begun, fed with scenes, replaced when lost."""
