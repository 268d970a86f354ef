"""A run's folder, who runs it and where; what people see meanwhile."""
