"""Storage engines that speak SQL."""
