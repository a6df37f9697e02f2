"""Colours, classes, hatching and canvas, shared by maps and charts."""
