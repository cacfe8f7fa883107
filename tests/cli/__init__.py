"""Tests of the command line, through the console script that a user runs."""
