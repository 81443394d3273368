"""The command line: one file a command; whatever is heavy is imported inside of the commands."""
