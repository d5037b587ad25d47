"""Tests of the build: on small throw-away courses, never on the real units."""
