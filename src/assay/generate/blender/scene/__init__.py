"""All that decides one picture, and the distributions that it is drawn from."""
