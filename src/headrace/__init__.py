"""The template's runtime library: what jobs need, and nothing of AWS."""
