"""One loop that decodes any strategy on any model with any cache; it yields events, and others consume them."""
