"""Streamlit helpers: the data door with the only caches, filters and address state, parts, theme."""
