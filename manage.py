"""Django's own commands, for developers; operators use `bottin`."""

import os
import sys

from django.core.management import execute_from_command_line

from bottin.config.errors import ConfigError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bottin.config.settings")
    try:
        execute_from_command_line(sys.argv)
    except ConfigError as error:
        sys.exit(str(error))
