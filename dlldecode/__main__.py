"""`python -m dlldecode` is `dlldecode`."""

from .cli.main import main

if __name__ == "__main__":
    main()
