"""Indexes added, built anew and dropped while the table is in use; and what they give away."""
