"""`python -m xuanzhi`: the commands, as `xuanzhi` names them."""

import sys

from xuanzhi.cli.main import main

sys.exit(main())
