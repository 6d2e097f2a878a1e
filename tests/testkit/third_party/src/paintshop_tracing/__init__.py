"""The integration of paintshop with ddtrace, which an entry point announces."""
