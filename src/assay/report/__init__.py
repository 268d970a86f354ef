"""Results to tables, advice, figures and one HTML page."""
