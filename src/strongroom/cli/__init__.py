"""The command line: prompts and notices on stderr, results on stdout, numbered exit codes.

Nothing here is imported with the library's weight: a command reaches for `strongroom`, which loads
its parts when they are first used, so `strongroom --help` starts at once.
"""
