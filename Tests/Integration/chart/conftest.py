"""Fixtures of the charts' tests: helm and promtool, fetched once; without them tests are skipped with the reason."""

from __future__ import annotations

from pathlib import Path

import helm as helm_tool
import promtool as promtool_tool
import pytest
from charts import Charts


@pytest.fixture(scope="session")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Charts:
    try:
        helm = helm_tool.helm_path()
    except RuntimeError as error:
        pytest.skip(f"helm cannot be had here: {error}")
    return Charts(helm, tmp_path_factory.mktemp("charts"))


@pytest.fixture(scope="session")
def promtool() -> Path:
    try:
        return promtool_tool.promtool_path()
    except RuntimeError as error:
        pytest.skip(f"promtool cannot be had here: {error}")
