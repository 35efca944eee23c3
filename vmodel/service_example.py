"""The services that ship, in a clone: this module stands for the folder service_example/ beside the package.

In the wheel the folder itself lies here, as `vmodel/service_example/`, and this file does not.
"""

from pathlib import Path

__path__ = [str(Path(__file__).resolve().parent.parent / "service_example")]
