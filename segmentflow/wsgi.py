"""What the web server loads."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmentflow.settings")
application = get_wsgi_application()

from segmentflow.counting import keep  # noqa: E402 - it has models, which have to be loaded

keep()
