"""Tests of what search over encrypted fields is made of: pure data, no keys."""
