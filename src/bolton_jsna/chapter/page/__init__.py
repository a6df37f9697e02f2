"""The chapter as one page of HTML."""
