"""The tests; a package of its own, lest another distribution's be found under the name."""
