"""Schemes that must never be written again, kept for reading what they left behind."""
