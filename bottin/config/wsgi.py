"""The site as a WSGI application, loaded in each process that makes pages."""

import os
import signal

from django.core.wsgi import get_wsgi_application

from bottin.config.child import die_with_parent

# The server's first process ends its workers, but not when it is killed itself.
die_with_parent(signal.SIGKILL, os.getppid())

application = get_wsgi_application()
