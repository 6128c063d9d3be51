"""What stops a start."""


class ConfigError(Exception):
    """A sentence, or one on each line, that tells what to change and why."""
