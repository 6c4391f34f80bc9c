"""``python -m spark_lsp`` is ``spark-lsp``."""

import sys

from spark_lsp.cli.main import main

sys.exit(main())
