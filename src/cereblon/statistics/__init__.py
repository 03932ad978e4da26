"""Statistics: fits, survival, intervals. Knows no biology and no network; takes arrays, gives estimates."""
