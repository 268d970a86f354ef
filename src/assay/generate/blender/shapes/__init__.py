"""Where shapes come from: objects built in code, and meshes in folders."""
