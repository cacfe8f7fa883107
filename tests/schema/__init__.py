"""Tests of the pure data: canonical bytes, identities, declared types."""
