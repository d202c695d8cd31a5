"""Screens of the dashboard: one question a screen."""
