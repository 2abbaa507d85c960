"""What speed and cost are measured with; `benchmarks/README.md` is the contract."""
