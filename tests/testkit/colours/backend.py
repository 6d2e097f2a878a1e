"""Builds the wheel of colours, and needs nothing from a package index for it."""

import zipfile
from pathlib import Path

METADATA = "Metadata-Version: 2.1\nName: colours\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: colours\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
ENTRY_POINTS = "[ddtrace.integrations]\ncolours_tracing = colours_tracing:integration\n"
MODULES = ("colours.py", "colours_tracing/__init__.py", "colours_tracing/patch.py")


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """What pip calls, in the folder of the sdist."""
    name = "colours-1.0-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory, name), "w") as wheel:
        for module in MODULES:
            wheel.write(module)
        for file, text in (("METADATA", METADATA), ("WHEEL", WHEEL), ("entry_points.txt", ENTRY_POINTS)):
            wheel.writestr(f"colours-1.0.dist-info/{file}", text)
        wheel.writestr("colours-1.0.dist-info/RECORD", "")
    return name
