"""`python -m bottin` is `bottin`."""

from bottin.config.cli import main

if __name__ == "__main__":
    main()
