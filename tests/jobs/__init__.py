"""Bulk work: adopting, releasing and converting tables, on each database."""
