"""What the soak test (tests/soak) and the scale curves (benches/load/scale) share: a phin as a child,
comments for it, and wrk."""
