"""A small team's week: a plain model of it, the devices that live it, and the comparison of both."""
