"""`python -m xuanzhi`: the commands, as `xuanzhi` names them."""

import sys

from xuanzhi.cli.start import xuanzhi

sys.exit(xuanzhi())
