"""The command `vmodel`, also as `python -m vmodel`; what it does lives in `vmodel.cli`."""

import gc
import sys


def main() -> None:
    """Run the command line and end the process with its exit code.

    Imports leave no garbage, so there is none to look for while they run, nor at the end of the process;
    that is a sixth of the time of a short run. While services run, it is looked for as ever.
    """
    gc.disable()
    from vmodel.cli._signals import catch_signals, exit_code

    catch_signals()
    try:
        from vmodel.cli._app import app

        app(prog_name="vmodel")
    except KeyboardInterrupt as interrupt:  # it came before a command had begun
        sys.exit(exit_code(interrupt))
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
