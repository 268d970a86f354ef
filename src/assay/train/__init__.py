"""The loop: task + synthetic + method + backbone + seed to a result."""
