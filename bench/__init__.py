"""Measurements that take too long for the tests: `make bench` writes docs/performance.md by them.

Every figure is a ratio against something measured in the same run, or a size in memory.
"""
