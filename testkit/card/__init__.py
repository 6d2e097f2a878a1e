"""The report card of an integration: what each check says of it, what tracing costs, and what it was tried with."""
