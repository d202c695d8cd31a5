"""Answers on pages and in files that stand by themselves: the shared page, its landing page, CSV and QR code."""
