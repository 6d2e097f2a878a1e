"""What Python itself imports at the start of a traced program.

The folder is on PYTHONPATH and so on the program's ``sys.path``: nothing but ``sitecustomize`` may be in it.
"""
