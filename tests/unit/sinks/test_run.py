from __future__ import annotations

import subprocess
import sys

ASKED = """
import sys
from sinks.run import WithoutPandas
sys.meta_path.insert(0, WithoutPandas())
import pyarrow
import clickhouse_connect
assert pyarrow.array(["a", None]).to_pylist() == ["a", None]
assert "pandas" not in sys.modules
"""


def test_the_sink_makes_its_columns_without_loading_pandas() -> None:
    done = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
