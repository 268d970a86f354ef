"""A folder of Wi-Fi recordings to one file of items: labels from paths, windows within recordings."""
