"""What the project claims about speed and memory, each measured next to its peer in one run."""
