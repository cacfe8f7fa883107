"""The cipher layer, seen from outside and held to its format."""
