"""The bedside: laboratory series into grades, responses and endpoints."""
