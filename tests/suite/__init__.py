"""How the suite runs: what is selected, who runs it, and how long each part took."""
