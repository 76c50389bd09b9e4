//! Criterion benchmarks of the kernels and of the training step.
