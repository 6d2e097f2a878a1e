"""The test matrix: `riot list redis` shows it, `riot run redis` runs it.

Each integration has a venv for every version of its library and every Python. They derive from the
declarations, ddtrace/contrib/*/__init__.py; testkit/matrix.py says how.
"""

import sys
from pathlib import Path

# The riot command, unlike `python -m riot`, does not look for modules in this folder.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from testkit.matrix import (  # noqa: E402
    Matrix,
    integration_venv,
    lint_venv,
    own_declarations,
    services_venv,
    whole_suite_venv,
)

venv = Matrix(
    venvs=[
        *map(integration_venv, own_declarations()),
        whole_suite_venv(own_declarations()),
        services_venv(),
        lint_venv(),
    ]
)
