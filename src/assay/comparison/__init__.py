"""The main job: one task under each method, over seeds."""
