"""What runs inside the environment of a contestant: standard library, and the contestant itself."""
