"""Tables of figures for the documentation: measured ones, read from what commands wrote, and reckoned ones."""
