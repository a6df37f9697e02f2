"""What maps and charts share: colours, classes, hatching and the sheet of paper."""
