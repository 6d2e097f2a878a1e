"""A toy library and its uses, on which the kit's own checks are tried."""
