"""Hide small numbers, and show that they stay hidden."""
