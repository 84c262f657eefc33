"""`python -m fashion_gen.portal` prints the OpenAPI document; `make openapi` keeps it in docs/openapi.json."""

from __future__ import annotations

import json
import sys

from fashion_gen.portal.app import routed

sys.stdout.write(json.dumps(routed().openapi(), indent=2, ensure_ascii=False, sort_keys=True) + "\n")
