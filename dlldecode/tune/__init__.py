"""The search for settings: cheap, resumable, and honest about what a search on few items can find by chance."""
