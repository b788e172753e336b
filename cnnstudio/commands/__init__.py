"""What each command of the command line does: one module a command, each with ``run(arguments)``.

Results go to stdout, everything else to stderr; ``run`` returns the exit code and raises
CnnStudioError for bad input.
"""
