"""Private machinery of the tracer; only ``ddtrace`` itself and its unit tests may import it."""
