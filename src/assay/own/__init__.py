"""What users bring: objects by their place, installed packages, and the text that tells them apart."""
