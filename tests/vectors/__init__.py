"""Test vectors: the published ones of the format, how they are made, and those of others."""
