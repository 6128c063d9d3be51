"""The site as a WSGI application, for a server that wants one; `bottin web` needs no such file."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bottin.config.settings")

application = get_wsgi_application()
