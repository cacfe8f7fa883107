"""Tests of the keys layer: providers, key files, the envelope and the keyring."""
