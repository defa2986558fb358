"""Benchmarks: the job as whole processes, beside the limit and its peers, in one run. `make bench`."""
