"""The words of the field: shapes, what a strategy sees and says, and the verbs it is written in."""
