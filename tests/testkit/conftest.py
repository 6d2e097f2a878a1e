"""What of the kit's tests is no test of this run."""

collect_ignore = ["third_party"]
