"""Random and mutated input for every parser of the wire core. `python -m fuzz.run --help` tells how to run it."""
