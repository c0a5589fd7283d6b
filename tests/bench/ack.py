"""How fast a click is acknowledged: a bare server, stock Bolt and the bot with its commit, side by side.

python tests/bench/ack.py [--database postgresql] [--rounds 3] [--seconds 2] [--assert] [--ablation]
"""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.acks import main

if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
