"""Show: the command line, the figures and the page. It says what the floors below computed."""
