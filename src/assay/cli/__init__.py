"""The verbs; no logic; what they say on the terminal."""
