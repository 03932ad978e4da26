"""The sections of the page: each asks a lower floor, and hands back words, figures and tables."""
