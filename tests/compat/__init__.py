"""Stores written by earlier releases, which every later one must open."""
