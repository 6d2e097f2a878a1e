"""Break an integration on purpose, one change at a time, and see whether its checks and tests notice.

``code`` and ``targets`` make the mutants, ``loading`` has one imported in the place of the module that it changes,
``session`` runs the checks on it, ``campaign`` does so for all, ``score`` and ``report`` say what came of it.
"""
