"""Frozen releases and shared links: how figures reach people outside the live gate."""
