"""A folder for PYTHONPATH: an interpreter that finds it there loads the mutant which its environment names."""
