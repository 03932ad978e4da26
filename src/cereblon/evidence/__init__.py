"""Where the model meets the world: evidence, calibration, claims, and the route of a number."""
