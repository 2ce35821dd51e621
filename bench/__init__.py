"""Made traffic with its truth, and the benchmarks and scores that use it."""
