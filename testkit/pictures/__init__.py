"""Pictures of what a program traces: run it, and see its spans as a tree, a page or an SVG."""
