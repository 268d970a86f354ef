"""The study that proves methods: every method on many tasks, over seeds, in one table."""
