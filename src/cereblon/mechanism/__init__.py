"""Biology without numbers: every module says its reactions first, then builds them from addresses.

Each file is one noun. It holds the noun's kinetic network (a function that returns a `Network`) and, where
one exists, its closed form (plain functions of arrays) for curves; the two are tested against each other.
"""
